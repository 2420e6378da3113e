"""Two sides that both send a request to the login page are alike, and the report says that nothing was written."""

from __future__ import annotations

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
