"""Streamed bodies: content, context, errors in the middle, clients that leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from migrator.runtime.compat import App, Response, g, jsonify, request, stream_with_context
from migrator.runtime.compat.testing import environ_of, scope_of


def test_generators(both: Any) -> None:
    def setup(f: Any, app: Any) -> None:
        def rows() -> Iterator[str]:
            yield "a,b\n"
            for n in range(3):
                yield f"{n},é\n"

        def contextual() -> Iterator[str]:
            yield f.request.args["q"]
            yield f.g.user

        def csv() -> Any:
            return f.Response(rows(), mimetype="text/csv", headers={"X-A": "1"})

        def with_context() -> Any:
            f.g.user = "ann"
            return f.Response(f.stream_with_context(contextual()))

        def decorated() -> Any:
            f.g.user = "bob"
            return f.Response(f.stream_with_context(contextual)())

        app.get("/csv", endpoint="csv")(csv)
        app.get("/context", endpoint="context")(with_context)
        app.get("/decorated", endpoint="decorated")(decorated)
        app.get("/bare", endpoint="bare")(rows)
        app.get("/tuple", endpoint="tuple")(lambda: (rows(), 201, {"Content-Type": "text/x"}))
        app.after_request(lambda response: (response.headers.add("X-After", "1"), response)[1])

    pair = both(setup)
    for path in ("/csv", "/context?q=x", "/decorated?q=x", "/tuple", "/bare"):
        pair.get(path)
        pair.open(path, method="HEAD")


def test_an_async_generator_is_streamed_natively() -> None:
    app = App(__name__, static_folder=None)

    @app.get("/")
    async def index() -> Any:
        async def rows() -> AsyncIterator[str]:
            for part in ("a", request.args["q"]):
                await asyncio.sleep(0)
                yield part

        return Response(rows(), mimetype="text/plain")

    with app.test_client() as client:
        assert client.get("/?q=é").data == "aé".encode()


def test_teardown_comes_after_a_streamed_body_and_sees_its_error() -> None:
    app = App(__name__, static_folder=None)
    journal: list[str] = []

    @app.get("/{fails:int}")
    def index(fails: int) -> Any:
        def rows() -> Iterator[str]:
            journal.append("first")
            yield "a"
            if fails:
                raise ValueError("in the middle")
            journal.append("last")
            yield "b"

        return Response(stream_with_context(rows()))

    app.teardown_request(lambda error: journal.append(f"teardown {error!r}"))
    with app.test_client() as client:
        client.get("/0")
        assert journal == ["first", "last", "teardown None"]
        journal.clear()
        with pytest.raises(ValueError, match="in the middle"):
            client.get("/1")
        assert journal == ["first", "teardown ValueError('in the middle')"]


def test_stream_with_context_needs_a_request() -> None:
    with pytest.raises(RuntimeError, match="request context"):
        stream_with_context(iter("ab"))


async def _leave(spec_version: str, kind: str) -> list[str]:
    app = App(__name__, static_folder=None)
    journal: list[str] = []

    @app.get("/")
    def index() -> Any:
        def ticks() -> Iterator[str]:
            try:
                while True:
                    yield "tick"
            finally:
                journal.append("closed")

        async def async_ticks() -> AsyncIterator[str]:
            try:
                while True:
                    yield "tick"
            finally:
                journal.append("closed")

        return Response(ticks() if kind == "sync" else async_ticks())

    app.teardown_request(lambda error: journal.append("teardown"))
    gone = asyncio.Event()
    count = 0

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal count
        count += 1
        if count == 5:
            gone.set()
            if spec_version == "2.4":
                raise OSError("the client is gone")

    scope = scope_of(environ_of(app, "/"))
    scope["asgi"] = {"spec_version": spec_version}
    async with asyncio.timeout(10):
        await app(scope, receive, send)
    return journal


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_stream_ends_when_the_client_leaves(spec_version: str, kind: str) -> None:
    assert asyncio.run(_leave(spec_version, kind)) == ["closed", "teardown"]


def test_requests_are_kept_apart_while_they_stream() -> None:
    app = App(__name__, static_folder=None)

    @app.get("/{name}")
    async def index(name: str) -> Any:
        g.name = name

        async def rows() -> AsyncIterator[str]:
            for _ in range(5):
                await asyncio.sleep(0)
                yield f"{g.name}{request.path} "

        return Response(rows())

    async def main() -> list[bytes]:
        from migrator.runtime.compat.testing import call_asgi

        answers = await asyncio.gather(
            *(call_asgi(app, scope_of(environ_of(app, f"/{n}"))) for n in range(20))
        )
        return [body for _, _, body in answers]

    assert asyncio.run(main()) == [(f"{n}/{n} " * 5).encode() for n in range(20)]


def test_call_on_close_runs_after_the_body() -> None:
    app = App(__name__, static_folder=None)
    journal: list[str] = []

    @app.get("/{kind}")
    def index(kind: str) -> Any:
        response = Response(iter("ab")) if kind == "stream" else jsonify(1)
        response.call_on_close(lambda: journal.append(f"closed {kind}"))
        return response

    with app.test_client() as client:
        client.get("/stream")
        client.get("/json")
    assert journal == ["closed stream", "closed json"]
