"""Agents of monitoring services put a function of their own in the place of a framework's `__call__`.

So do Sentry, for one, in https://github.com/getsentry/sentry-python/tree/master/sentry_sdk/integrations
(flask.py, starlette.py): what they keep for a request, they keep apart for each.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import flask
import pytest
from starlette.applications import Starlette
from werkzeug.test import create_environ

from migrator.runtime.asyncflask import AsyncFlask, mount_asyncflask
from migrator.runtime.compat import App
from migrator.runtime.compat.testing import call_asgi, scope_of
from migrator.runtime.mount import mount_legacy

_tags: ContextVar[dict[str, str]] = ContextVar("tags")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the agent has sent: the path and the tags of each request."""
    events: list[Any] = []
    wsgi, asgi = flask.Flask.__call__, Starlette.__call__

    def of_flask(self: flask.Flask, environ: Any, start_response: Any) -> Any:
        token = _tags.set({})
        try:
            return wsgi(self, environ, start_response)
        finally:
            events.append((environ["PATH_INFO"], _tags.get()))
            _tags.reset(token)

    async def of_starlette(self: Starlette, scope: Any, receive: Any, send: Any) -> None:
        token = _tags.set({})
        try:
            await asgi(self, scope, receive, send)
        finally:
            events.append((scope["path"], _tags.get()))
            _tags.reset(token)

    monkeypatch.setattr(flask.Flask, "__call__", of_flask)
    monkeypatch.setattr(Starlette, "__call__", of_starlette)
    return events


def routes(app: Any) -> Any:
    async def tagged() -> str:
        _tags.get()["page"] = "tagged"
        return "a"

    def plain() -> str:
        return "b" if not _tags.get() else "tags of another request"

    app.add_url_rule("/tagged", view_func=tagged)
    app.add_url_rule("/plain", view_func=plain)
    return app


SENT = [("/tagged", {"page": "tagged"}), ("/plain", {})]


def http(path: str) -> dict[str, Any]:
    return scope_of(create_environ(path))


def ask(app: Any) -> None:
    for path, expected in (("/tagged", b"a"), ("/plain", b"b")):
        status, _, body = asyncio.run(call_asgi(app, http(path)))
        assert (status, body) == (200, expected)


@pytest.mark.parametrize("mounted", [False, True])
def test_on_asyncflask(sent: list[Any], mounted: bool) -> None:
    app = routes(AsyncFlask("converted"))
    ask(mount_asyncflask(flask.Flask("legacy"), app) if mounted else app)
    of_it = [one for one in sent if one in SENT]
    assert of_it == SENT


def test_on_asyncflask_over_wsgi(sent: list[Any]) -> None:
    client = routes(AsyncFlask("converted")).test_client()
    assert (client.get("/tagged").text, client.get("/plain").text) == ("a", "b")
    assert sent == SENT


@pytest.mark.parametrize("mounted", [False, True])
def test_on_app(sent: list[Any], mounted: bool) -> None:
    app = routes(App("converted"))
    ask(mount_legacy(flask.Flask("legacy"), app) if mounted else app)
    assert sent == SENT


def test_the_folder_of_app_is_no_part_of_the_url(sent: list[Any]) -> None:
    app = App("converted", root_path="/srv/shop")

    @app.get("/where")
    def where() -> str:
        from migrator.runtime.compat import request

        return f"{request.root_path}|{request.path}"

    assert asyncio.run(call_asgi(app, http("/where")))[2] == b"|/where"
