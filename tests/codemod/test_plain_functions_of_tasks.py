"""A plain function that a library calls in async code, over sessions of the application's own: it waits there."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.surface import FrameChoice
from tests.codemod.own_notes import own_notes
from tests.codemod.parity import FRAMES, Make, asked
from tests.codemod.test_celery_tasks import a_process

__all__ = ["a_process"]

VIEWS = """
    from celery import Celery, chain
    from flask import Blueprint, jsonify
    from {name}.db import Note, Session

    bp = Blueprint("b", __name__)
    celery = Celery("notes", broker="memory://", backend="cache+memory://")
    celery.conf.task_always_eager = True

    def listed():
        return Session.query(Note).order_by(Note.id).all()

    TABLE = {{"listed": listed}}

    @celery.task(shared=False)
    def first():
        # What `*` takes loads, so the function stays a plain one, and calls a coroutine function.
        for note in TABLE["listed"]():
            return [*note, *Note.query.filter_by(text="two").one()]

    @bp.get("/sent")
    def sent():
        return jsonify(first.delay().get())

    @bp.get("/signature")
    def signature():
        return jsonify(first.si().delay().get(), first.s().apply().get())

    @bp.get("/chained")
    def chained():
        return jsonify(chain(first.si(), first.si()).apply_async().get())
"""


@pytest.mark.usefixtures("a_process")
@pytest.mark.parametrize("frame", FRAMES)
def test_tasks_that_run_at_once(frame: FrameChoice, make_sides: Make, tmp_path: Path) -> None:
    sides = make_sides("tasks", own_notes(tmp_path, VIEWS), frame)
    asked(sides, [("GET", path) for path in ("/sent", "/signature", "/chained")])
    assert "unbridge(TABLE[" in sides.conversion.texts["views.py"]
