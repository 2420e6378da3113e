"""Classes below `scoped_session` and `Session` of an application's own: sessions like others, whose queries count."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, Alike
from tests.codemod.own_notes import own_notes
from tests.codemod.parity import FRAMES, Make, Sides, asked

#: What a class of registries has of its own: BODY.
SESSIONS = """
        class Sessions(scoped_session):
BODY

        Session = Sessions(maker)
"""
PLAIN = """
            kept = None

            def of(self, model, text):
                return self.query(model).filter(model.text != text)

            def save(self, thing):
                self.add(thing)
                self.commit()
                return thing.id

            def counted(self):
                found = self()
                return found.query(Note).count(), self.registry().query(Author).count()
"""
REPLACING = """
            asked = []

            def query(self, *entities, **options):
                self.asked.append("query")
                found = super().query(*entities, **options)
                return found.filter(Note.text != "two") if entities[0] is Note else found

            def commit(self):
                self.asked.append("commit")
                super().commit()

            def remove(self):
                self.asked.append("remove")
                super().remove()
"""
MAKING = """
            def __init__(self, factory, name, scopefunc=None):
                super().__init__(factory, scopefunc=scopefunc)
                self.name = name
"""
VIEWS = """
    from flask import Blueprint, jsonify
    from {name}.db import Author, Note, Session, engine, fresh

    bp = Blueprint("b", __name__)

    @bp.get("/notes")
    def notes():
        found = Session.query(Note).order_by(Note.id).all()
        return jsonify([[n.text, n.author.name] for n in found], Session.query(Author).count())

    @bp.get("/first")
    def first():
        found = Session.query(Note).filter_by(text="one").one()
        return jsonify(found.text, Session.get(Author, 1).name)
"""
OF_PLAIN = """
    @bp.get("/of")
    def of():
        return jsonify([n.text for n in Session.of(Note, "one")], Session.counted())

    @bp.post("/save")
    def save():
        number = Session.save(Note(text="three", author=Session.query(Author).first()))
        Session.kept = number
        return jsonify(number, Session.kept, [n.text for n in Session.query(Note)])
"""
OF_REPLACING = """
    @bp.post("/save")
    def save():
        Session.asked.clear()
        Session.add(Note(text="three"))
        Session.commit()
        found = [n.text for n in Session.query(Note).order_by(Note.id)]
        return jsonify(found, Session.asked)
"""
OF_MAKING = """
    @bp.get("/name")
    def name():
        return jsonify(Session.name, Session.query(Note).count())
"""


def registries(make_sides: Make, place: Path, frame: FrameChoice, body: str, views: str) -> Sides:
    files = own_notes(place, VIEWS + views)
    made = SESSIONS.replace("BODY", body.strip("\n"))
    files["db.py"] = files["db.py"].replace("\n        Session = scoped_session(maker)\n", made)
    if body is MAKING:
        files["db.py"] = files["db.py"].replace("Sessions(maker)", 'Sessions(maker, "ours")')
    return make_sides("derived", files, frame)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_registry_of_ones_own_is_one(
    frame: FrameChoice, make_sides: Make, tmp_path: Path
) -> None:
    sides = registries(make_sides, tmp_path, frame, PLAIN, OF_PLAIN)
    asked(sides, [("GET", "/notes"), ("GET", "/first"), ("GET", "/of"), ("POST", "/save")])
    texts = sides.conversion.texts
    assert "class Sessions(async_scoped_session):" in texts["db.py"]
    assert "(await Session.scalars(select(Note).order_by(Note.id)" in texts["views.py"]
    totals = outcome_of(sides.conversion).totals
    # Six in the views, three in the class.
    assert totals.seen == 9
    assert totals.native >= 4


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("body", "views", "more"),
    [(REPLACING, OF_REPLACING, ("POST", "/save")), (MAKING, OF_MAKING, ("GET", "/name"))],
    ids=["replaced methods", "made its own way"],
)
def test_a_registry_that_does_more(
    frame: FrameChoice,
    make_sides: Make,
    tmp_path: Path,
    body: str,
    views: str,
    more: tuple[str, str],
) -> None:
    sides = registries(make_sides, tmp_path, frame, body, views)
    asked(sides, [("GET", "/notes"), ("GET", "/first"), more])


OF_CLASSES = """
    from flask import Blueprint, jsonify
    from sqlalchemy.orm import Session as Plain
    from {name}.db import Author, Note, Session, engine, fresh

    bp = Blueprint("b", __name__)

    class Reading(Plain):
        def texts(self):
            return [n.text for n in self.query(Note).order_by(Note.id)]

    class Named(Reading):
        def __init__(self, bind, name):
            super().__init__(bind)
            self.name = name

        def query(self, *entities):
            return super().query(*entities).filter(Note.text != self.name)

    def counted(session: Reading):
        return session.query(Note).count()

    @bp.get("/reading")
    def reading():
        with Reading(engine) as session:
            found = session.query(Note).order_by(Note.id).first()
            return jsonify(found.text, session.texts(), counted(session))

    @bp.get("/named")
    def named():
        session = Named(engine, "one")
        try:
            return jsonify([n.text for n in session.query(Note)], session.texts())
        finally:
            session.close()

    @bp.post("/writing")
    def writing():
        with Reading(engine) as session, session.begin():
            session.add(Note(text="three"))
        return jsonify([n.text for n in Session.query(Note).order_by(Note.id)])
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_a_class_of_sessions_whose_objects_the_code_makes(
    frame: FrameChoice, make_sides: Make, tmp_path: Path
) -> None:
    sides = make_sides("reading", own_notes(tmp_path, OF_CLASSES), frame)
    asked(sides, [("GET", "/reading"), ("GET", "/named"), ("POST", "/writing")])
    totals = outcome_of(sides.conversion).totals
    # One by super() in the class, one in its method, one in a function, one in each view.
    assert totals.seen == 6
    assert not totals.left


OF_THE_EXTENSION = """
@bp.get("/apart")
def apart():
    session = db.Session(bind=db.engine)
    try:
        found = session.query(Order).order_by(Order.id).first()
        return jsonify(found.number, session.query(Customer).count())
    finally:
        session.close()
"""


def test_a_session_by_the_class_that_the_extension_has(alike: Alike) -> None:
    sides = alike(HEAD + OF_THE_EXTENSION, ["/apart"])
    totals = outcome_of(sides.conversion).totals
    # One is of Customer.last.
    assert totals.seen == 3
    assert totals.bridged >= 2
