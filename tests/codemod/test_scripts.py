"""What a module does as a script, below `if __name__ == "__main__":`, where no event loop runs."""

from __future__ import annotations

import runpy
import sys
import textwrap
from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, Alike, small_shop
from tests.codemod.own_notes import own_notes
from tests.codemod.parity import FRAMES, Make, Sides
from tests.listeners import without_the_sample_applications_listener

VIEWS = (
    HEAD
    + """
def biggest(least):
    return Order.query.filter(Order.amount > least).order_by(Order.amount.desc()).first()

@bp.get("/biggest")
def show():
    return biggest(10).number
"""
)
JOB = """
from PKG import create_app
from PKG.models import Order, db, seed
from PKG.views import biggest

def main():
    db.drop_all()
    db.create_all()
    seed()
    found = biggest(0)
    found.amount = 500
    db.session.commit()
    print("main", found.number, found.customer.name)

if __name__ == "__main__":
    with create_app().app_context():
        main()
        found = biggest(60)
        print(found is Order.query.filter_by(amount=500).one(), found.customer.name)
        found.number = "changed"
        print(biggest(60) is found, biggest(1000), biggest(60).number)
        db.session.commit()
        print([o.number for o in found.customer.orders])
"""
OWN = {
    "__init__.py": "",
    "db.py": """
        from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
        from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker

        engine = create_engine("sqlite:///PLACE/{name}.db")
        Session = scoped_session(sessionmaker(bind=engine))
        Base = declarative_base()

        class Order(Base):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            number = Column(String)
            lines = relationship("Line", order_by="Line.id", backref="order")

            @classmethod
            def get(cls, id):
                return Session.get(cls, id)

        class Line(Base):
            __tablename__ = "lines"
            id = Column(Integer, primary_key=True)
            name = Column(String)
            order_id = Column(ForeignKey("orders.id"))

        def find(number):
            return Session.query(Order).filter_by(number=number).first()
    """,
    "views.py": """
        from flask import Flask, jsonify
        from {name}.db import Order, Session, find

        app = Flask(__name__)

        @app.get("/<number>")
        def show(number):
            return jsonify([line.name for line in Order.get(find(number).id).lines])
    """,
    "job.py": """
        from {name}.db import Base, Line, Order, Session, engine, find

        def names(order):
            return [line.name for line in order.lines]

        def main():
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            order = Order(number="n1")
            Session.add(order)
            Session.flush()
            Session.add_all([Line(name="a", order=order), Line(name="b", order_id=order.id)])
            Session.commit()
            print(find("n1") is order, names(find("n1")))

        if __name__ == "__main__":
            main()
            found = find("n1")
            found.number = "n2"
            print(Order.get(found.id) is found, find("n1"), names(found))
            Session.rollback()
            print(find("n2"), found.number, Session.query(Order).count())
            found.number = "n3"
            Session.commit()
            Session.remove()
            print(find("n3") is found, [line.name for line in find("n3").lines])
    """,
}

#: What a script without that test begins with.
READING = """
import argparse
args = argparse.ArgumentParser().parse_args()
"""


def printed(sides: Sides, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the script of either side prints."""
    found = []
    for package in (sides.legacy, sides.target):
        runpy.run_module(f"{package}.job", run_name="__main__")
        found.append(capsys.readouterr().out)
    return found


def test_a_script_in_a_context_of_the_application(
    alike: Alike, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = alike(VIEWS, ["/biggest"], job=JOB)
    legacy, converted = printed(sides, capsys)
    assert converted == legacy
    assert "True" in legacy
    # What a script shares with the application stays native.
    assert "async def biggest(" in sides.conversion.texts["views.py"]
    assert "found = unbridge(biggest(60))" in sides.conversion.texts["job.py"]


def test_a_script_with_sessions_of_its_own(
    make_sides: Make, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    files = {path: text.replace("PLACE", str(tmp_path)) for path, text in OWN.items()}
    sides = make_sides("scripts", files, "auto")
    legacy, converted = printed(sides, capsys)
    assert converted == legacy
    made = outcome_of(sides.conversion)
    assert not made.findings
    assert [(b.code, b.path) for b in made.bridged] == [("MIG527", "job.py")]
    assert "async def find(" in sides.conversion.texts["db.py"]


def test_what_only_a_script_calls_is_no_part_of_the_start(
    make_sides: Make, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    counted = "        def counted():\n            return Session.query(Order).count()\n\n"
    files = {path: text.replace("PLACE", str(tmp_path)) for path, text in OWN.items()}
    job = files["job.py"].replace("        def main():\n", f"{counted}        def main():\n")
    files["job.py"] = job.replace('names(find("n1"))', 'names(find("n1")), counted()')
    sides = make_sides("counting_scripts", files, "auto")
    legacy, converted = printed(sides, capsys)
    assert converted == legacy
    bridged = {b.message for b in outcome_of(sides.conversion).bridged if b.path == "job.py"}
    assert "only a script calls it, where sync code has a sync session" in bridged


def unguarded(reading: str = READING) -> dict[str, str]:
    """The script without a test of its name: all of its code runs when it is imported."""
    files = {path: text.replace("if __name__ ==", "if True or") for path, text in OWN.items()}
    files["job.py"] = textwrap.dedent(reading) + textwrap.dedent(files["job.py"])
    return files


def test_a_module_that_reads_the_command_line_is_a_script(
    make_sides: Make,
    capsys: pytest.CaptureFixture[str],
    tmp_path: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["job"])
    files = {path: text.replace("PLACE", str(tmp_path)) for path, text in unguarded().items()}
    sides = make_sides("whole_scripts", files, "auto")
    legacy, converted = printed(sides, capsys)
    assert converted == legacy
    made = outcome_of(sides.conversion)
    assert not made.findings
    assert [(b.code, b.path) for b in made.bridged] == [("MIG527", "job.py")]
    assert "async def find(" in sides.conversion.texts["db.py"]


@pytest.mark.parametrize(
    "changed",
    [
        {"job.py": unguarded("")["job.py"]},
        {"views.py": OWN["views.py"] + "        from {name} import job\n"},
        {"tasks.py": 'MODULES = ["{name}.job"]\n'},
    ],
)
def test_it_is_none_where_it_may_be_imported(
    make_sides: Make, tmp_path: object, changed: dict[str, str]
) -> None:
    files = {**unguarded(), **changed}
    files = {path: text.replace("PLACE", str(tmp_path)) for path, text in files.items()}
    made = outcome_of(make_sides("no_whole_scripts", files, "auto").conversion)
    assert "MIG513" in {f.code for f in made.findings}


def test_what_runs_at_import_as_well_is_still_left(make_sides: Make, tmp_path: object) -> None:
    files = {path: text.replace("PLACE", str(tmp_path)) for path, text in OWN.items()}
    files["job.py"] = files["job.py"].replace('== "__main__"', '!= "__main__"')
    codes = {
        f.code for f in outcome_of(make_sides("no_scripts", files, "auto").conversion).findings
    }
    assert codes == {"MIG513"}


BACKREFS = (
    HEAD
    + """
def found(least):
    return Order.query.join(Order.customer).filter(Order.amount > least).all()

@bp.get("/found")
def show():
    return jsonify(len(found(10)))
"""
)
#: Nothing before its query has the mappers configured, which `select()` does not.
ASKS_FIRST = """
from PKG import create_app
from PKG.models import db
from PKG.views import found

if __name__ == "__main__":
    with create_app().app_context():
        db.create_all()
        print(found(1))
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_the_first_query_names_a_backref(
    make_sides: Make, frame: FrameChoice, capsys: pytest.CaptureFixture[str]
) -> None:
    with without_the_sample_applications_listener():
        sides = small_shop(make_sides, frame, BACKREFS, job=ASKS_FIRST)
        assert printed(sides, capsys) == ["[]\n", "[]\n"]
    assert "select(Order).join(Order.customer)" in sides.conversion.texts["views.py"]


OWN_BACKREFS = """
from contextlib import closing
from flask import Blueprint
from {name}.db import Author, Note, Session

bp = Blueprint("b", __name__)

def authors(session):
    return session.query(Author)

def main():
    with closing(Session()) as session:
        found = session.query(Note).join(Note.author)
        print([author.id for author in authors(session).filter(Author.id > 0).all()], found.count())
"""
OWN_ASKS_FIRST = """
from {name}.db import Base, Session, engine
from {name}.views import main

if __name__ == "__main__":
    Base.metadata.create_all(engine)
    main()
    Session.remove()
"""


def test_the_first_query_over_sessions_of_ones_own_names_a_backref(
    make_sides: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = make_sides("asks", own_notes(tmp_path, OWN_BACKREFS, job=OWN_ASKS_FIRST))
    assert printed(sides, capsys) == ["[] 0\n", "[] 0\n"]
    assert "found = select(Note).join(Note.author)" in sides.conversion.texts["views.py"]


LATER = """
from PKG import create_app
from PKG.models import db

if __name__ == "__main__":
    app = create_app()
    with app.app_context():
        from PKG.visits import Visit
        print(Visit.__name__)
    with app.app_context():
        # The class that its relationship names is not there yet, as where modules are imported late.
        from PKG.places import Place
        db.create_all()
        print(Visit.query.join(Visit.place).all(), Place.query.count())
"""
VISITS = """
from PKG.models import db

class Visit(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    place_id = db.Column(db.ForeignKey("place.id"))
    place = db.relationship("Place")
"""
PLACES = """
from PKG.models import db

class Place(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""


def test_what_a_relationship_names_may_come_later(
    make_sides: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"job": LATER, "visits": VISITS, "places": PLACES}
    with without_the_sample_applications_listener():
        sides = small_shop(make_sides, "fastapi", HEAD, **files)
        legacy, converted = printed(sides, capsys)
    assert legacy == converted == "Visit\n[] 0\n"
