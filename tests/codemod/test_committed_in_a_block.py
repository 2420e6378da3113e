"""After a commit within `with maker.begin()` nothing can be loaded any more: that fails where it is read, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.surface import FrameChoice
from tests.codemod.own_notes import own_notes
from tests.codemod.parity import FRAMES, Make, asked

VIEWS = """
    from flask import Blueprint, jsonify
    from sqlalchemy.exc import InvalidRequestError
    from {name}.db import Note, maker

    bp = Blueprint("b", __name__)

    @bp.get("/absent")
    def absent():
        with maker.begin() as session:
            note = session.query(Note).order_by(Note.id).first()
            session.commit()
            found = [getattr(note, "absent", "none"), type(note).__name__]
        return jsonify(found)

    @bp.get("/read")
    def read():
        with maker.begin() as session:
            note = session.query(Note).order_by(Note.id).first()
            session.commit()
            try:
                found = note.text
            except InvalidRequestError as error:
                found = str(error)
        return jsonify(found)
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_in_a_block_whose_transaction_has_ended(
    frame: FrameChoice, make_sides: Make, tmp_path: Path
) -> None:
    sides = make_sides("blocks", own_notes(tmp_path, VIEWS), frame)
    asked(sides, [("GET", "/absent"), ("GET", "/read")])
    assert "await reload(note)" in sides.conversion.texts["views.py"]
