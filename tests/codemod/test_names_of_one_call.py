"""`engine, session, Base = connect()`: each name is known as it is where the call gives one thing."""

from __future__ import annotations

import importlib

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

_CONNECTED = """
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.orm import registry, scoped_session, sessionmaker

def connect(echo=False):
    mapped = registry()
    engine = create_engine(f"sqlite:///{{Path(__file__).parents[1] / (__package__ + '.db')}}", echo=echo)
    return engine, (scoped_session(sessionmaker(bind=engine)), mapped.generate_base())

engine, (session, Base) = connect()
"""
_MODELS = """
from sqlalchemy import Column, Integer, String
from {name}.base import Base

class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
"""
_APPLICATION = """
from flask import Flask, jsonify
from {name}.base import Base, engine, session
from {name}.models import Item

class Items:
    kind = Item

    def read(self, **filters):
        return session.query(self.kind).filter_by(**filters)

def create_app(bases=()):
    app = Flask(__name__)
    Base.metadata.create_all(engine)

    @app.teardown_appcontext
    def remove(error):
        session.remove()

    @app.route("/add/<name>")
    def add(name):
        session.add(Item(name=name))
        session.commit()
        return jsonify(session.query(Item).count())

    @app.route("/named/<name>")
    def named(name):
        return jsonify([item.id for item in Items().read(name=name)], Items().read().count())

    return app
"""


@pytest.mark.parametrize("frame", FRAMES)
def test_what_one_call_gives_to_several_names(make_sides: Make, frame: FrameChoice) -> None:
    files = {"base.py": _CONNECTED, "models.py": _MODELS, "__init__.py": _APPLICATION}
    sides = make_sides(f"ofonecall_{frame}", files, frame)
    requests: list[Request] = [("GET", p) for p in ("/add/a", "/add/b", "/named/a", "/named/z")]
    app = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * len(requests), expected
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen == 2
