"""`@flask_context`: Flask's proxies show the converted application's own request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import flask
import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text
from werkzeug.test import Client

from migrator.runtime import compat
from migrator.runtime.compat import flask_context
from migrator.runtime.compat.testing import as_wsgi
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.mount import mount_legacy


def legacy_application() -> flask.Flask:
    app = flask.Flask("legacy")
    app.secret_key = "k"

    @app.before_request
    def never() -> None:
        raise AssertionError("a hook of the legacy application ran")

    @app.teardown_request
    def neither(error: BaseException | None) -> None:
        raise AssertionError("a teardown of the legacy application ran")

    @app.route("/legacy/<int:number>")
    def old(number: int) -> str:
        return "old"

    return app


def itself(proxy: Any) -> object:
    """The object behind a proxy."""
    return proxy._get_current_object()


def read_all() -> dict[str, Any]:
    """What an extension may read and write."""
    flask.session["count"] = flask.session.get("count", 0) + 1
    flask.g.by_flask = "yes"
    flask.flash("hello")

    @flask.after_this_request
    def mark(response: Any) -> Any:
        response.headers["X-Marked"] = "1"
        return response

    return {
        "same request": itself(flask.request) is itself(compat.request),
        "same g": itself(flask.g) is itself(compat.g),
        "same session": itself(flask.session) is itself(compat.session),
        "app": flask.current_app.name,
        "form": flask.request.form.get("x"),
        "count": compat.session["count"],
        "g": compat.g.by_flask,
        "flashed": compat.get_flashed_messages(),
        "url": flask.url_for("old", number=3),
        "blueprint": flask.request.blueprint,
    }


def converted_application() -> compat.App:
    app = compat.App("converted")
    app.secret_key = "k"

    @app.post("/sync")
    @flask_context
    def sync_view() -> Any:
        return read_all()

    @app.post("/async")
    @flask_context
    async def async_view() -> Any:
        await asyncio.sleep(0)
        return read_all()

    @app.get("/raises")
    @flask_context
    def raises() -> Any:
        flask.abort(418)

    @app.get("/without")
    def without() -> Any:
        return str(flask.has_request_context() or flask.has_app_context())

    @app.after_request
    def after(response: Any) -> Any:
        response.headers["X-Flask"] = str(flask.has_request_context())
        return response

    return app


@pytest.fixture
def client() -> Client:
    mounted = mount_legacy(legacy_application(), converted_application())
    return Client(as_wsgi(mounted, run_blocking))


@pytest.mark.parametrize("path", ["/sync", "/async"])
def test_everything_is_the_same_object(client: Client, path: str) -> None:
    client.post(path, data={"x": "1"})
    response = client.post(path, data={"x": "1"})
    assert response.json == {
        "same request": True,
        "same g": True,
        "same session": True,
        "app": "legacy",
        "form": "1",
        "count": 2,
        "g": "yes",
        "flashed": ["hello"],
        "url": "/legacy/3",
        "blueprint": None,
    }
    assert response.headers["X-Marked"] == "1"
    assert response.headers["X-Flask"] == "False"
    assert response.headers["Vary"] == "Cookie"
    assert len(response.headers.getlist("Set-Cookie")) == 1


def test_it_ends_with_the_view(client: Client) -> None:
    response = client.get("/raises")
    assert response.status_code == 418
    assert response.headers["X-Flask"] == "False"
    assert client.get("/without").text == "False"


def test_requests_at_the_same_time_keep_their_own() -> None:
    app = compat.App("converted")
    app.secret_key = "k"
    arrived: list[str] = []
    both = asyncio.Event()

    @app.get("/wait/<name>")
    @flask_context
    async def wait(name: str) -> Any:
        arrived.append(name)
        if len(arrived) == 2:
            both.set()
        await both.wait()
        return flask.request.path

    async def ask(path: str) -> bytes:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "headers": [(b"host", b"x")], "server": ("x", 80), "client": ("y", 1),
        }  # fmt: skip
        await mounted(scope, receive, send)
        return b"".join(m.get("body", b"") for m in sent)

    async def main() -> list[bytes]:
        return list(await asyncio.gather(ask("/wait/a"), ask("/wait/b")))

    mounted = mount_legacy(legacy_application(), app)
    assert asyncio.run(main()) == [b"/wait/a", b"/wait/b"]


def test_without_a_mount_it_says_so() -> None:
    app = converted_application()
    app.testing = True
    with pytest.raises(RuntimeError, match="no Flask application is mounted"):
        app.test_client().post("/sync")


def test_a_session_of_the_legacy_application_does_not_stay_open(
    caplog: pytest.LogCaptureFixture, sqlite_url: str
) -> None:
    legacy = flask.Flask("legacy")
    legacy.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    db = SQLAlchemy(legacy)
    app = compat.App("converted")

    @app.get("/")
    @flask_context
    def view() -> Any:
        return str(db.session.execute(text("select 1")).scalar())

    response = Client(as_wsgi(mount_legacy(legacy, app), run_blocking)).get("/")
    assert response.text == "1"
    assert not db.session.registry.registry
    assert "used the legacy application's own database session" in caplog.text
    with legacy.app_context():
        db.engine.dispose()


def test_made_only_for_the_flask_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from migrator.runtime.mount import shared_context

    monkeypatch.setattr(shared_context, "flask_globals", object())
    made: Callable[..., Any] | None = shared_context.shared_contexts(flask.Flask("x"))
    assert made is None
