"""What is refused when both applications are put together."""

from __future__ import annotations

import logging
import os
from typing import Any

import flask
import pytest
from fastapi import FastAPI
from flask import Flask
from werkzeug.test import Client

from migrator.errors import EXIT_USAGE, LoadError, RouteCollision, SessionsApart
from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.compat import App, session, settings_of
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.mount import mount_legacy


@pytest.mark.parametrize(
    ("path", "setting"),
    [("/docs", "docs_url"), ("/redoc", "redoc_url"), ("/openapi.json", "openapi_url")],
)
def test_fastapis_documentation_must_not_hide_a_legacy_page(path: str, setting: str) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule(path, "handbook", lambda: "handbook")
    with pytest.raises(RouteCollision) as caught:
        mount_legacy(legacy, FastAPI())
    error = caught.value
    assert (error.code, error.exit_code) == ("MIG033", EXIT_USAGE)
    assert repr(path) in error.what
    assert "'handbook'" in error.what
    assert f"FastAPI({setting}=None)" in error.hint
    moved: dict[str, Any] = {setting: f"/api{path}"}
    mount_legacy(legacy, FastAPI(**moved))
    mount_legacy(legacy, FastAPI(), check=False)


def test_a_pattern_that_documentation_would_hide_is_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule("/<page>", "page", lambda page: page)
    with caplog.at_level(logging.WARNING, "migrator.mount"):
        mount_legacy(legacy, FastAPI(redoc_url=None, openapi_url=None))
    assert [record.getMessage() for record in caplog.records] == [
        "FastAPI's documentation at /docs hides what the legacy application serves there by "
        "'/<page>'"
    ]


def test_the_legacy_application_may_come_as_itself_a_factory_or_a_name() -> None:
    app = Flask("legacy")
    assert mount_legacy(app, FastAPI()).flask_app is app
    assert mount_legacy(lambda: app, FastAPI()).flask_app is app
    with pytest.raises(LoadError, match="There is no module 'no_such_module'"):
        mount_legacy("no_such_module:create_app", FastAPI())


def test_a_factory_that_fails_is_a_load_error() -> None:
    def create_app() -> Flask:
        raise RuntimeError("no DATABASE_URL")

    with pytest.raises(LoadError, match="RuntimeError: no DATABASE_URL") as caught:
        mount_legacy(create_app, FastAPI())
    assert "(create_app)" in caught.value.what
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_wsgi_application_that_is_no_flask_is_refused() -> None:
    app = Flask("legacy")
    with pytest.raises(LoadError, match="neither a Flask application"):
        mount_legacy(app.wsgi_app, FastAPI())  # type: ignore[arg-type]  # that is the point


def test_an_asgi_application_is_no_legacy_application() -> None:
    with pytest.raises(LoadError, match="gave FastAPI"):
        mount_legacy(lambda: FastAPI(), FastAPI())  # type: ignore[arg-type,return-value]  # that is the point


def test_middleware_around_the_fastapi_application_is_refused() -> None:
    async def middleware(scope: object, receive: object, send: object) -> None: ...

    with pytest.raises(LoadError, match="put ASGI middleware around what mount_legacy returns"):
        mount_legacy(Flask("legacy"), middleware)  # type: ignore[arg-type]  # that is the point


def make_app(kind: type[Flask] | type[App], name: str) -> Any:
    app = kind(name)
    app.config["SECRET_KEY"] = os.urandom(8)

    @app.route("/in")
    def log_in() -> str:
        (flask.session if kind is Flask else session)["user"] = "ada"
        return name

    @app.route("/who")
    def who() -> str:
        return f"{name} {(flask.session if kind is Flask else session).get('user')}"

    return app


def test_two_secrets_are_refused_and_the_legacy_ones_settings_make_them_one() -> None:
    legacy = make_app(Flask, "legacy")
    with pytest.raises(SessionsApart, match="another SECRET_KEY each") as caught:
        mount_legacy(legacy, make_app(App, "target"))
    assert caught.value.code == "MIG034"
    live: set[str] = set()

    def answers(target: Any, **options: Any) -> list[str]:
        app = mount_legacy(legacy, target, live=live.__contains__, **options)
        client = Client(as_wsgi(app, run_blocking))
        live.clear()
        said = [client.get("/in").text]
        live.add("who")
        return [*said, client.get("/who").text]

    assert answers(make_app(App, "target"), check=False) == ["legacy", "target None"]
    with settings_of(legacy):
        assert answers(make_app(App, "target")) == ["legacy", "target ada"]


def test_another_name_of_the_cookie_is_refused() -> None:
    legacy, target = Flask("legacy"), App("target")
    legacy.config["SECRET_KEY"], target.config["SECRET_KEY"] = "one", b"one"
    mount_legacy(legacy, target)
    target.config["SESSION_COOKIE_NAME"] = "shop"
    with pytest.raises(SessionsApart, match="SESSION_COOKIE_NAME"):
        mount_legacy(legacy, target)


def test_an_asyncflask_has_a_mount_of_its_own() -> None:
    with pytest.raises(LoadError, match="mount_asyncflask of migrator"):
        mount_legacy(Flask("legacy"), AsyncFlask("target"))  # type: ignore[arg-type]  # that is the point
