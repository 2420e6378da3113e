"""Two sides that are alike, and the report says that nothing is proved by it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import flask
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from migrator.runtime.shadow import load, run_cases


@pytest.mark.parametrize("token", ["right", "wrong"])
def test_writes_that_wrote_nothing_are_noted(token: str, tmp_path: Path) -> None:
    made: list[tuple[Flask, SQLAlchemy]] = []

    def application() -> Flask:
        app = Flask(f"shop_{token}")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/notes.db"
        db = SQLAlchemy(app)

        class Note(db.Model):  # type: ignore[misc,name-defined]  # it is made anew for each side
            id = db.Column(db.Integer, primary_key=True)

        @app.post("/notes")
        def note() -> Any:
            if flask.request.form["token"] != "right":
                return flask.redirect("/login")
            db.session.add(Note())
            db.session.commit()
            return "noted"

        @app.get("/login")
        def log_in() -> str:
            return "log in"

        with app.app_context():
            db.create_all()
        made.append((app, db))
        return app

    file = tmp_path / "cases.yaml"
    file.write_text(
        "version: 1\ncases: [GET /login, POST /login, POST /nowhere,"
        f" {{request: POST /notes, form: {{token: {token}}}}}]"
    )
    report = run_cases(application(), application(), load(file))
    assert report.passed
    said = [
        "no POST, PUT, PATCH or DELETE wrote a row by note: nothing is proved of what they write."
    ]
    assert list(report.notes) == (said if token == "wrong" else [])
    for app, db in made:
        with app.app_context():
            db.engine.dispose()


def _shop(folder: Path) -> Flask:
    """Whoever has the token gets in; the others get 403, or are sent to log in."""
    folder.mkdir()
    (folder / "shop.css").write_text("b {}")
    os.utime(folder / "shop.css", (1, 1))
    app = Flask(f"notes_{folder.name}", static_folder=folder, static_url_path="/static")

    def token() -> bool:
        return flask.request.headers.get("X-Token") == "right"

    @app.get("/orders")
    @app.get("/customers")
    def page() -> Any:
        return "the page" if token() else flask.redirect(f"/login?next={flask.request.path}")

    @app.get("/api/orders")
    @app.get("/api/customers")
    def api() -> Any:
        return ("the list", 200) if token() else ("no", 403)

    return app


_ACTORS = "version: 1\nactors: {ada: {headers: {X-Token: right}}, bob: {headers: {X-Token: wrong}}}\ncases: "


@pytest.mark.parametrize(
    ("cases", "note"),
    [
        ("[{request: GET /api/orders, as: bob}]", "bob got nothing but 403 (requests"),
        (
            "[{request: GET /orders, as: bob}, {request: GET /customers, as: bob}]",
            "bob got nothing but redirects to /login (requests",
        ),
        (
            "[{request: GET /orders, as: bob}, {request: GET /customers, as: bob}, {request: GET /api/orders, as: bob}]",
            "bob got nothing but 403, redirects to /login (requests",
        ),
        ("[{request: GET /api/orders, as: bob, expect: 403}]", ""),
        ("[{request: GET /orders, as: bob}]", ""),
        ("[{request: GET /api/orders, as: bob}, {request: GET /nowhere, as: bob}]", ""),
        ("[{request: GET /api/orders, as: ada}, {request: GET /orders, as: ada}]", ""),
        ("[GET /api/orders]", ""),
    ],
)
def test_an_actor_who_is_always_turned_away_is_noted(cases: str, note: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(_ACTORS + cases)
    app = _shop(tmp_path / "static")
    report = run_cases(app, app, load(file))
    assert report.passed
    said = [each for each in report.notes if "nothing is proved" in each]
    assert [each.partition(":")[0] for each in said] == ([note] if note else [])


def test_the_etag_of_a_file_leads_to_the_rule(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("version: 1\ncases: [GET /static/shop.css]")
    one, two = _shop(tmp_path / "one"), _shop(tmp_path / "two")
    report = run_cases(one, two, load(file))
    assert not report.passed
    assert [d.path for d in report.cases[0].comparison.differences] == ["etag"]
    assert "static-etags" in " ".join(report.notes)
    assert "static-etags" not in " ".join(run_cases(one, one, load(file)).notes)
