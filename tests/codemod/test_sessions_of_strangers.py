"""Sessions of an extension that nobody knows: what functions are given of it, what requests share of it."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.at_once import at_once
from tests.codemod.parity import FRAMES, Make, Request, Sides

#: Another distribution: it makes an engine, and a session for each thread.
STRANGER = """
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool


class Extension:
    def connect(self, url):
        self.registry = scoped_session(sessionmaker(create_engine(url, poolclass=NullPool)))

    def remove(self):
        self.registry.remove()

    @property
    def session(self):
        return self.registry()
"""

APP = {
    "__init__.py": """
        import os
        from flask import Flask
        from .models import Base, Item, db
        from .views import bp

        def fresh():
            engine = db.session.get_bind()
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            db.session.add(Item(name="one"))
            db.session.commit()

        def create_app():
            app = Flask(__name__)
            db.connect(os.environ["STRANGE_DATABASE"])
            app.register_blueprint(bp)

            @app.teardown_appcontext
            def done(error):
                db.remove()

            return app
        """,
    "models.py": """
        from sqlalchemy import Column, Integer, String
        from sqlalchemy.orm import DeclarativeBase, Session
        from strange_extension import Extension

        db = Extension()

        class Base(DeclarativeBase):
            pass

        class Item(Base):
            __tablename__ = "items"
            id = Column(Integer, primary_key=True)
            name = Column(String(40))

            @classmethod
            def by_name(cls, session, name):
                return session.query(cls).filter(cls.name == name).all()

            @classmethod
            def named(cls, session: Session, name):
                return session.query(Item).filter_by(name=name).count()
        """,
    "store.py": """
        from sqlalchemy import func, select
        from sqlalchemy.orm import Session
        from .models import Item, db

        def create(session, name):
            item = Item(name=name)
            session.add(item)
            session.flush()
            logged(session, item)
            session.commit()
            return item

        def logged(session, item):
            session.add(Item(name=item.name + " logged"))
            session.flush()

        def names(session: Session):
            return [i.name for i in session.scalars(select(Item).order_by(Item.id))]

        def current():
            return db.session

        def total(session):
            return session.scalar(select(func.count(Item.id))) + session.query(Item).count()

        def number():
            return count(current())

        def count(session):
            return session.scalar(select(func.count(Item.id)))
        """,
    "views.py": """
        import time
        from flask import Blueprint, jsonify, request
        from . import store
        from .models import Item, db

        bp = Blueprint("views", __name__)

        @bp.get("/by/<name>")
        def by(name):
            return jsonify([i.id for i in Item.by_name(db.session, name)], Item.named(db.session, name))

        @bp.post("/add/<name>")
        def add(name):
            item = store.create(db.session, name)
            return jsonify(id=item.id, name=item.name)

        @bp.get("/names")
        def names():
            of_nobody = vars(store)["total"](db.session)
            return jsonify(store.names(db.session), store.number(), of_nobody)

        @bp.post("/slow/<name>")
        def slow(name):
            db.session.add(Item(name=name))
            time.sleep(float(request.args["wait"]))
            db.session.commit()
            return jsonify(len(Item.by_name(db.session, name)))
        """,
}


#: The same by a class of the application's own.
BELOW = {
    **APP,
    "models.py": APP["models.py"].replace(
        "db = Extension()",
        "class Db(Extension):\n            kept = ()\n\n        db = Db()",
    ),
}


@pytest.fixture(
    params=[(frame, files) for frame in FRAMES for files in (APP, BELOW)],
    ids=[f"{frame}{below}" for frame in FRAMES for below in ("", "-below")],
)
def sides(
    request: pytest.FixtureRequest,
    make_sides: Make,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sides:
    stranger = ModuleType("strange_extension")
    exec(STRANGER, vars(stranger))
    monkeypatch.setitem(sys.modules, stranger.__name__, stranger)
    file = tmp_path_factory.mktemp("strange") / "items.db"
    monkeypatch.setenv("STRANGE_DATABASE", f"sqlite:///{file}")
    frame, files = request.param
    return make_sides("strangers", files, frame)


def test_functions_that_are_given_one(sides: Sides) -> None:
    legacy = importlib.import_module(sides.legacy)
    requests: list[Request] = [
        ("GET", "/by/one"),
        ("POST", "/add/two"),
        ("GET", "/names"),
        ("GET", "/by/two"),
    ]
    for expected, found in sides.both(legacy.create_app(), requests, legacy.fresh):
        assert expected == found
        assert expected[2] == 200


def test_it_is_told(sides: Sides) -> None:
    assert [f.code for f in outcome_of(sides.conversion).findings].count("MIG110") == 1


def test_requests_that_take_turns(sides: Sides) -> None:
    expected, found = at_once(
        sides, [("POST", "/slow/a?wait=0.5"), ("POST", "/slow/b?wait=0.1"), ("GET", "/by/one")]
    )
    assert expected == found
