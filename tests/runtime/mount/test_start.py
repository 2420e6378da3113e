"""What is refused when both applications are put together."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask

from migrator.errors import EXIT_USAGE, LoadError, RouteCollision
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
