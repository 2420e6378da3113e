"""Sessions whose name means another thing where their queries run: a model, a parameter, another session."""

from __future__ import annotations

import importlib

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request, Sides

_SESSION = """
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

place = Path(__file__).parents[1] / (__package__ + ".{file}.db")
{name} = scoped_session(sessionmaker(bind=create_engine(f"sqlite:///{{place}}")))
"""
_MODELS = """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()

class Session(Base):
    __tablename__ = "sessions"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
"""
_APPLICATION = """
from flask import Flask
from {package} import views
from {package}.models import Base

def create_app(bases=()):
    app = Flask(__name__)
    app.register_blueprint(views.bp)

    @app.teardown_appcontext
    def remove(error):
        for registry in views.registries:
            registry.remove()

    for registry in views.registries:
        Base.metadata.create_all(registry.get_bind())
    return app
"""
#: The helpers that give the queries and the views that run them.
FILES: dict[str, dict[str, str | tuple[str, str]]] = {
    "a model": {
        "first.py": ("Session", "first"),
        "helpers.py": """
            from {name}.first import Session as Sessions
            from {name}.models import Session

            class Names:
                @property
                def session(self):
                    return Sessions()

            def named(name):
                return Sessions.query(Session).filter_by(name=name)
        """,
        "views.py": """
            from flask import Blueprint, jsonify
            from {name} import first, helpers
            from {name}.models import Session

            bp = Blueprint("b", __name__)
            registries = [first.Session]

            class Stored(helpers.Names):
                def add(self, name):
                    self.session.add(Session(name=name))
                    self.session.flush()
                    return self.session.query(Session).count()

            @bp.route("/add/<name>")
            def add(name):
                count = Stored().add(name)
                first.Session.commit()
                found = Stored().session.query(Session).filter(Session.name == name).one()
                return jsonify(count, found.id)

            @bp.route("/named/<name>")
            def named(name):
                return jsonify([s.id for s in helpers.named(name).all()], helpers.named("a").count())
        """,
    },
    "a parameter and a local": {
        "first.py": ("session", "first"),
        "helpers.py": """
            from {name}.first import session
            from {name}.models import Session

            def named(name):
                return session.query(Session).filter_by(name=name)
        """,
        "views.py": """
            from flask import Blueprint, jsonify
            from {name} import first, helpers
            from {name}.models import Session

            bp = Blueprint("b", __name__)
            registries = [first.session]

            def count(session):
                return helpers.named(session).count()

            @bp.route("/add/<name>")
            def add(name):
                first.session.add(Session(name=name))
                first.session.commit()
                return jsonify(count(name))

            @bp.route("/named/<name>")
            def named(name):
                found = []
                for session in helpers.named(name).all():
                    found.append([session.name, helpers.named(session.name).count()])
                return jsonify(found)
        """,
    },
    "another session": {
        "first.py": ("session", "first"),
        "second.py": ("session", "second"),
        "helpers.py": """
            from {name}.first import session as one
            from {name}.second import session as two
            from {name}.models import Session

            def ones():
                return one.query(Session)

            def twos(name):
                return two.query(Session).filter_by(name=name)
        """,
        "views.py": """
            from flask import Blueprint, jsonify
            from {name} import first, helpers, second
            from {name}.models import Session

            bp = Blueprint("b", __name__)
            registries = [first.session, second.session]

            @bp.route("/add/<name>")
            def add(name):
                for registry in registries[name == "b":]:
                    registry.add(Session(name=name))
                    registry.commit()
                return jsonify(helpers.ones().count())

            @bp.route("/named/<name>")
            def named(name):
                ones = helpers.ones().filter_by(name=name).all()
                return jsonify(len(ones), [s.name for s in helpers.twos(name).all()])
        """,
    },
}


def _sides(make_sides: Make, frame: FrameChoice, case: str) -> Sides:
    name = f"onename{[*FILES].index(case)}_{frame}"
    files: dict[str, str] = {}
    for path, text in FILES[case].items():
        if isinstance(text, tuple):
            text = _SESSION.format(name=text[0], file=text[1]).replace("{", "{{").replace("}", "}}")
        files[path] = text
    files["models.py"] = _MODELS
    files["__init__.py"] = _APPLICATION.replace("{package}", "{name}")
    return make_sides(name, files, frame)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("case", FILES)
def test_queries_run_on_their_own_session(make_sides: Make, frame: FrameChoice, case: str) -> None:
    sides = _sides(make_sides, frame, case)
    paths = ["/add/a", "/add/b", "/named/a", "/named/b", "/named/z"]
    requests: list[Request] = [("GET", path) for path in paths]
    app = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * len(requests), expected
    text = sides.conversion.texts["views.py"]
    with sides.converted() as target:
        for before, after in zip(expected, sides.answers(target.app, requests), strict=True):
            assert after == before, f"{before}\n{after}\n{text}"
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen
