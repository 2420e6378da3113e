"""Over ASGI: many requests at once, clients that leave, large bodies, start and stop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from flask import Response, g, request, stream_with_context
from sqlalchemy import select
from werkzeug.middleware.proxy_fix import ProxyFix

from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.compat.testing import call_asgi
from migrator.runtime.db import SQLAlchemy, bridge


def http(path: str, **extra: Any) -> dict[str, Any]:
    headers = [(b"host", b"localhost")]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        **extra,
    }


class Site:
    def __init__(self, url: str) -> None:
        self.app = app = AsyncFlask(__name__)
        app.config.update(SECRET_KEY="k", SQLALCHEMY_DATABASE_URI=url)
        db: Any = SQLAlchemy(app)
        self.db = db
        self.closed: list[str] = []
        self.started = asyncio.Event()

        class Row(db.Model):  # type: ignore[misc]
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(80))

        self.Row: Any = Row

        @app.get("/echo/<name>")
        async def echo(name: str) -> Any:
            g.name = name
            mine: Any = db.session()
            db.session.add(Row(text=name))
            for _ in range(3):
                await asyncio.sleep(0)
                assert (g.name, request.view_args) == (name, {"name": name})
                assert db.session() is mine
            seen = [row.text for row in (await db.session.scalars(select(Row))).all()]
            await db.session.rollback()
            return {"name": flask.request.view_args["name"], "seen": seen}  # type: ignore[index]

        @app.get("/sync/<name>")
        def sync(name: str) -> Any:
            g.name = name
            texts = [row.text for row in Row.query]
            assert (g.name, request.view_args) == (name, {"name": name})
            return {"name": name, "seen": texts}

        @app.get("/endless")
        def endless() -> Any:
            def parts() -> Iterator[str]:
                try:
                    while True:
                        yield f"{Row.query.count()}\n"
                        self.started.set()
                finally:
                    self.closed.append(request.path)

            return Response(stream_with_context(parts()))

        @app.post("/body")
        async def body() -> Any:
            return str(len(request.get_data()))

        @app.post("/unread")
        def unread() -> Any:
            return "unread"

        @app.post("/copy")
        def copy() -> Any:
            stream = request.stream

            def parts() -> Iterator[bytes]:
                while part := stream.read(50_000):
                    yield part

            return Response(stream_with_context(parts()))

        @app.get("/exit")
        def leave() -> Any:
            raise SystemExit(3)

    async def get(self, path: str) -> Any:
        status, _, body = await call_asgi(self.app, http(path))
        assert status == 200, body
        return flask.json.loads(body)


def run(url: str, scenario: Any) -> None:
    async def main() -> None:
        site = Site(url)
        await bridge(site.db.create_all)
        try:
            await scenario(site)
        finally:
            await site.app.dispose_database()

    asyncio.run(main())


def test_many_requests_at_once_share_nothing(database_url: str) -> None:
    async def scenario(site: Site) -> None:
        names = [f"n{i}" for i in range(20)]
        found = await asyncio.gather(
            *(site.get(f"/echo/{name}") for name in names),
            *(site.get(f"/sync/{name}") for name in names),
        )
        assert found[:20] == [{"name": name, "seen": [name]} for name in names]
        assert found[20:] == [{"name": name, "seen": []} for name in names]
        assert site.db.engines_for(site.app).async_.pool.checkedout() == 0

    run(database_url, scenario)


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_a_client_that_leaves_closes_the_stream(database_url: str, version: str) -> None:
    async def scenario(site: Site) -> None:
        sent: list[Any] = []
        asked: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if asked:
                await asyncio.Event().wait()
            await site.started.wait()
            asked.append({"type": "http.disconnect"})
            return asked[0]

        async def send(message: Any) -> None:
            if version == "2.4" and len(sent) > 3:
                raise OSError("gone")
            sent.append(message)

        asgi = {"version": "3.0", "spec_version": version}
        await site.app(http("/endless", asgi=asgi), receive, send)
        assert site.closed == ["/endless"]
        assert sent[-1]["more_body"]
        assert site.db.engines_for(site.app).async_.pool.checkedout() == 0

    run(database_url, scenario)


def post(path: str, size: int, *, announced: bool = True) -> dict[str, Any]:
    length = (b"content-length", b"%d" % size) if announced else (b"transfer-encoding", b"chunked")
    return http(path, method="POST", headers=[(b"host", b"localhost"), length])


async def send_body(site: Site, scope: Any, parts: list[bytes]) -> tuple[int, bytes, int]:
    """Status, body, and how many parts of the request's body were asked for."""
    taken = 0
    status = 0
    body = b""

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken == len(parts):
            await asyncio.Event().wait()
        taken += 1
        return {"type": "http.request", "body": parts[taken - 1], "more_body": taken < len(parts)}

    async def send(message: Any) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await site.app(scope, receive, send)
    return status, body, taken


def test_bodies(sqlite_url: str) -> None:
    async def scenario(site: Site) -> None:
        large = [b"x" * 100_000] * 20
        size = 2_000_000
        for announced in (True, False):
            scope = post("/body", size, announced=announced)
            assert await send_body(site, scope, large) == (200, b"2000000", 20)
            status, body, _ = await send_body(site, post("/copy", size, announced=announced), large)
            assert (status, len(body)) == (200, size)
        # A large body that nobody reads is not received.
        assert await send_body(site, post("/unread", size), large) == (200, b"unread", 0)
        # One that is too large isn't either.
        site.app.config["MAX_CONTENT_LENGTH"] = 1_000_000
        status, _, taken = await send_body(site, post("/body", size), large)
        assert (status, taken) == (413, 0)
        # Of one without a length Werkzeug gives the view as much as is allowed, on Flask as well.
        status, body, taken = await send_body(site, post("/body", size, announced=False), large)
        assert (status, body) == (200, b"1000000")
        assert taken < 20

    run(sqlite_url, scenario)


def test_start_and_stop_and_what_is_no_http(sqlite_url: str) -> None:
    async def scenario(site: Site) -> None:
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[str] = []

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await site.app({"type": "lifespan"}, receive, send)
        await site.app({"type": "websocket"}, receive, send)
        assert sent == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
            "websocket.close",
        ]

    run(sqlite_url, scenario)


def test_a_view_that_exits_does_not_end_the_server(sqlite_url: str) -> None:
    async def scenario(site: Site) -> None:
        with pytest.raises(RuntimeError, match="SystemExit"):
            await site.get("/exit")

    run(sqlite_url, scenario)


def test_servers_see_an_asgi_application(sqlite_url: str) -> None:
    import inspect

    app = AsyncFlask(__name__)
    if sys.version_info < (3, 14):  # deprecated since
        assert asyncio.iscoroutinefunction(app.__call__)
    if hasattr(inspect, "markcoroutinefunction"):
        assert inspect.iscoroutinefunction(app.__call__)


def test_a_context_that_a_script_left_open_is_no_requests(sqlite_url: str) -> None:
    """`app.app_context().push()` and then `uvicorn.run(app)`: every task inherits the context."""
    site = Site(sqlite_url)
    context = site.app.app_context()
    context.push()
    site.db.create_all()
    g.name = "the script's"
    names = [f"n{i}" for i in range(5)]

    async def main() -> list[Any]:
        found = await asyncio.gather(*(site.get(f"/echo/{name}") for name in names))
        assert flask.current_app.name == site.app.name
        await site.app.dispose_database()
        return found

    assert asyncio.run(main()) == [{"name": name, "seen": [name]} for name in names]
    assert g.name == "the script's"
    context.pop()
    site.db.engines_for(site.app).sync.dispose()


def noted(app: flask.Flask) -> list[Any]:
    """What code finds that may run in a request and outside of one, once a request is over."""
    seen: list[Any] = []

    @app.teardown_appcontext
    def over(error: BaseException | None) -> None:
        try:
            path = request.path
        except RuntimeError:
            path = "none"
        seen.append((bool(request), bool(g), flask.has_request_context(), path))

    app.add_url_rule("/", view_func=lambda: "")
    return seen


@pytest.mark.parametrize("pushed", [False, True])
def test_outside_of_a_request_there_is_none(pushed: bool) -> None:
    legacy, app = flask.Flask(__name__), AsyncFlask(__name__)
    expected, found = noted(legacy), noted(app)
    legacy.test_client().get("/")
    context = app.app_context()
    if pushed:
        context.push()
    asyncio.run(call_asgi(app, http("/")))
    assert expected == found == [(False, True, False, "none")]
    if pushed:
        context.pop()


def test_middleware_of_both_kinds(sqlite_url: str) -> None:
    async def scenario(site: Site) -> None:
        site.app.wsgi_app = ProxyFix(site.app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
        inner = site.app.asgi_app

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            headers = [*scope["headers"], (b"x-forwarded-prefix", b"/shop")]
            await inner({**scope, "headers": headers}, receive, send)

        site.app.asgi_app = outer  # type: ignore[method-assign]
        site.app.add_url_rule("/root", view_func=lambda: {"root": request.root_path})
        assert await site.get("/root") == {"root": "/shop"}

    run(sqlite_url, scenario)
