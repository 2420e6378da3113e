"""SQLite's own failures: locked, full, read-only, no database at all; and what can be done afterwards."""

from __future__ import annotations

import importlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from migrator.runtime.db.blocking import run_blocking
from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

APP = {
    "__init__.py": """
        import json
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(1000), unique=True)

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["FAILING_SQLITE"]
            app.config["SQLALCHEMY_ENGINE_OPTIONS"] = json.loads(os.environ["FAILING_OPTIONS"])
            db.init_app(app)
            from .views import bp
            app.register_blueprint(bp)
            return app
        """,
    "views.py": """
        import os
        import sqlite3

        from flask import Blueprint, jsonify
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError
        from sqlalchemy.orm import Session

        from . import Item, db

        bp = Blueprint("views", __name__)

        @bp.errorhandler(Exception)
        def failed(error):
            return str(error).partition("[SQL")[0], 500

        def told(error):
            orig = error.orig
            return [str(error).partition("[SQL")[0], error.connection_invalidated, repr(orig), orig.sqlite_errorname]

        def pragma(name):
            return db.session.execute(text("PRAGMA " + name)).scalar()

        @bp.get("/count")
        def count():
            return jsonify(Item.query.count())

        @bp.get("/patience")
        def patience():
            return jsonify(pragma("busy_timeout"))

        @bp.post("/write/<name>")
        def write(name):
            db.session.add(Item(name=name))
            db.session.commit()
            return "written"

        @bp.post("/locked/<how>")
        def locked(how):
            other = sqlite3.connect(os.environ["FAILING_FILE"], isolation_level=None)
            other.execute("BEGIN " + how)
            db.session.add(Item(name=how))
            try:
                db.session.commit()
            except DBAPIError as e:
                found = [told(e)]
            try:
                Item.query.count()
            except SQLAlchemyError as e:
                found.append(type(e).__name__)
            other.execute("ROLLBACK")
            other.close()
            db.session.rollback()
            db.session.add(Item(name=how))
            db.session.commit()
            return jsonify(found, Item.query.count())

        @bp.post("/two-sessions")
        def two_sessions():
            db.session.add(Item(name="mine"))
            db.session.flush()
            with Session(db.engine) as second:
                second.add(Item(name="theirs"))
                try:
                    second.commit()
                except DBAPIError as e:
                    found = told(e)
            db.session.commit()
            return jsonify(found, Item.query.count())

        @bp.post("/full")
        def full():
            pages = pragma("page_count")
            pragma("max_page_count = " + str(pages + 2))
            db.session.add_all([Item(name="x" * 900 + str(n)) for n in range(20)])
            try:
                db.session.commit()
            except DBAPIError as e:
                found = told(e)[1:]
                db.session.rollback()
            before = Item.query.count()
            pragma("max_page_count = 10000")
            db.session.add(Item(name="room again"))
            db.session.commit()
            return jsonify(found, before, Item.query.count())
        """,
}

_BUSY: list[Request] = [
    ("GET", "/patience"),
    ("POST", "/locked/IMMEDIATE"),
    ("POST", "/locked/EXCLUSIVE"),
    ("POST", "/two-sessions"),
    ("POST", "/full"),
    ("GET", "/count"),
]
_PLAIN: list[Request] = [
    ("GET", "/count"),
    ("POST", "/write/one"),
    ("GET", "/count"),
]
_QUICK = {"connect_args": {"timeout": 0.05}}


def empty(place: Path) -> None:
    place.unlink(missing_ok=True)
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(1000) UNIQUE)")


def none_of_its(place: Path) -> None:
    place.write_bytes(b"no database" * 1000)


#: What follows `sqlite:///`, the engine's options, what is asked, and what makes the file.
_CASES: list[tuple[str, dict[str, Any], list[Request], Callable[[Path], None]]] = [
    ("{place}", {"connect_args": {"timeout": 0.05}}, _BUSY, empty),
    ("{place}?timeout=0.05", {}, _BUSY[:2], empty),
    ("{place}", {"connect_args": {"timeout": 30}}, _BUSY[:1], empty),
    ("{place}", {}, _BUSY[:1], empty),
    ("file:{place}?mode=ro&uri=true", {}, _PLAIN, empty),
    ("{place}", {}, _PLAIN, none_of_its),
    ("{place}/nowhere", {}, _PLAIN, empty),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_sqlite_fails_alike(
    frame: FrameChoice, make_sides: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = make_sides("sqlite_failing", APP, frame)
    place = tmp_path / "failing.db"
    monkeypatch.setenv("FAILING_FILE", str(place))

    def answers(module: str, requests: list[Request]) -> list[Any]:
        app = importlib.import_module(module).create_app()
        found = list(sides.answers(app, requests))
        if module == sides.legacy:
            with app.app_context():
                app.extensions["sqlalchemy"].engine.dispose()
        else:
            run_blocking(app.dispose_database())
        return found

    for url, options, requests, make in _CASES:
        monkeypatch.setenv("FAILING_SQLITE", "sqlite:///" + url.format(place=place))
        monkeypatch.setenv("FAILING_OPTIONS", json.dumps(options))
        make(place)
        expected = answers(sides.legacy, requests)
        make(place)
        assert answers(sides.target, requests) == expected, url
