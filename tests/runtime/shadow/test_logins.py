"""Who logs in by several requests (a token of the form, then the form) is logged in for all that follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask
import pytest
from flask import Flask

from migrator.runtime.shadow import Report, Verdict, load, run_cases


def _application() -> Flask:
    app = Flask("shop")
    app.config["SECRET_KEY"] = "not a secret"

    @app.get("/login")
    def form() -> str:
        flask.session["token"] = "t1"
        return '<input name="token" value="t1">'

    @app.post("/login")
    def log_in() -> Any:
        if flask.request.form["token"] != flask.session.get("token"):
            flask.abort(400)
        if flask.request.form["password"] != "right":
            return "no"
        flask.session["name"] = "ada"
        return flask.redirect("/me")

    @app.get("/me")
    def me() -> Any:
        return flask.session["name"] if "name" in flask.session else flask.redirect("/login")

    return app


def _run(folder: Path, *, token: str = 'value="(.+?)"', password: str = "right") -> Report:
    file = folder / "cases.yaml"
    file.write_text(
        f"""version: 1
actors:
  ada:
    steps:
      - {{request: GET /login, capture: {{token: 'regex:{token}'}}}}
      - {{request: POST /login, form: {{token: "${{token}}", password: {password}}}, expect: 302, capture: {{place: header.Location}}}}
cases:
  - {{name: hers, request: GET /me, as: ada}}
  - {{name: followed, request: "GET ${{place}}", as: ada}}
  - {{name: nobody's, request: GET /me}}
"""
    )
    return run_cases(_application(), _application(), load(file))


def test_a_login_of_two_steps_logs_in(tmp_path: Path) -> None:
    report = _run(tmp_path)
    assert report.passed
    answers = {case.flow: case.legacy.response for case in report.cases}
    assert [answers[name].status for name in ("hers", "followed", "nobody's")] == [200, 200, 302]  # type: ignore[union-attr]
    assert answers["hers"].body == b"ada"  # type: ignore[union-attr]


@pytest.mark.parametrize("wrong", [{"token": 'other="(.+?)"'}, {"password": "wrong"}])
def test_behind_a_login_that_proves_nothing_nothing_is_proved(
    wrong: dict[str, str], tmp_path: Path
) -> None:
    report = _run(tmp_path, **wrong)
    cases = {case.flow: case for case in report.cases}
    assert cases["hers"].verdict is Verdict.NOT_COMPARABLE
    assert "log in as ada" in " ".join(cases["hers"].comparison.notes)
    assert cases["nobody's"].verdict is Verdict.IDENTICAL


def test_what_could_not_be_sent_says_which_response_lacked_the_value(tmp_path: Path) -> None:
    report = _run(tmp_path, token='other="(.+?)"')
    (post,) = (case for case in report.cases if case.request.method == "POST")
    assert post.comparison.notes == (
        'not sent: ${token} has no value: ada 1\'s response holds no regex:other="(.+?)"',
    )
