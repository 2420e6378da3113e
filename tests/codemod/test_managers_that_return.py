"""A generator that returns early gives nothing by that: a context manager over a session that is there already, say."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.own_notes import own_notes
from tests.codemod.parity import FRAMES, Make, asked

VIEWS = """
    from contextlib import contextmanager
    from flask import Blueprint, jsonify
    from {name}.db import Author, Note, Session, engine, fresh, maker

    bp = Blueprint("b", __name__)

    class Store:
        def __init__(self):
            self.session = None

        @contextmanager
        def reading(self):
            if self.session is not None:
                yield self.session
                return
            self.session = maker()
            try:
                yield self.session
            finally:
                self.session.close()
                self.session = None

        def texts(self, least=0):
            with self.reading() as session:
                return [n.text for n in session.query(Note).filter(Note.id > least).order_by(Note.id)]

        def twice(self):
            with self.reading() as session:
                first = session.query(Author).first()
                return first.name, [n.text for n in first.notes], self.texts(1)

        def named(self, name):
            for author in self.found(name):
                return author.notes[0].text

        def found(self, name):
            if not name:
                return
            with maker() as session:
                yield from session.query(Author).filter_by(name=name).all()

    @bp.get("/texts")
    def texts():
        return jsonify(Store().texts(), Store().twice())

    @bp.get("/found")
    def found():
        return jsonify(Store().named("ann"), Store().named(""), [a.name for a in Store().found("ann")])

    def report(store):
        with store.reading():
            return store.texts()

    stores = dict(one=Store())

    @bp.get("/handed")
    def handed():
        return jsonify(report(stores["one"]), [getattr(s, "texts")() for s in stores.values()])
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_their_sessions_are_known(frame: FrameChoice, make_sides: Make, tmp_path: Path) -> None:
    sides = make_sides("early", own_notes(tmp_path, VIEWS), frame)
    asked(sides, [("GET", "/texts"), ("GET", "/found"), ("GET", "/handed")])
    totals = outcome_of(sides.conversion).totals
    assert (totals.native, totals.seen) == (2, 3)
