"""A factory that leaves its application's context open (`app.app_context().push()`): no request finds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import flask
import httpx
import pytest
from fastapi import FastAPI
from flask_sqlalchemy import SQLAlchemy

from migrator.runtime.mount import mount_legacy
from migrator.runtime.shadow import load, run_cases

Ask = Callable[..., httpx.Response]
_told: ContextVar[str] = ContextVar("_told", default="")


@pytest.fixture
def legacy() -> Iterator[flask.Flask]:
    app = flask.Flask("shop")
    context = app.app_context()
    context.push()
    flask.g.seen = 10

    @app.get("/seen")
    def seen() -> dict[str, Any]:
        flask.g.seen = flask.g.get("seen", 0) + 1
        return {"seen": flask.g.seen, "told": _told.get()}

    yield app
    context.pop()


def test_each_request_through_the_mount_has_its_own_context(legacy: flask.Flask, ask: Ask) -> None:
    app = mount_legacy(legacy, FastAPI())
    token = _told.set("by the server")
    answers = [ask(app, "GET", "/seen").json() for _ in range(3)]
    _told.reset(token)
    assert answers == [{"seen": 1, "told": "by the server"}] * 3
    assert flask.g.seen == 10


def test_what_was_not_committed_is_not_there_for_the_next(sqlite_url: str, ask: Ask) -> None:
    app = flask.Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    db = SQLAlchemy(app)

    class Note(db.Model):  # type: ignore[misc,name-defined]  # made for this test
        id = db.Column(db.Integer, primary_key=True)

    @app.post("/notes")
    def forgets_to_commit() -> str:
        db.session.add(Note())
        db.session.flush()
        return str(Note.query.count())

    context = app.app_context()
    context.push()
    db.create_all()
    mounted = mount_legacy(app, FastAPI())
    assert [ask(mounted, "POST", "/notes").text for _ in range(3)] == ["1"] * 3
    db.engine.dispose()
    context.pop()


def test_so_has_each_of_the_compare(legacy: flask.Flask, tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("version: 1\nflows: [{name: seen, steps: [GET /seen, GET /seen]}]")
    report = run_cases(legacy, mount_legacy(legacy, FastAPI()), load(file))
    assert report.passed
    bodies = [case.legacy.response.body for case in report.cases if case.legacy.response]
    assert [json.loads(body)["seen"] for body in bodies] == [1, 1]
