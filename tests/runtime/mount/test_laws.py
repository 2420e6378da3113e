"""Laws of the bridge between thread and loop: bytes arrive as they were, threads always come back."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from flask import Flask, Response, request
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.runtime.mount import mount_legacy
from migrator.runtime.mount.wsgi import LegacyMiddleware

Start = Callable[..., Callable[[bytes], None]]

_chunks = st.lists(st.binary(max_size=300), max_size=12)


def messages(chunks: list[bytes]) -> list[dict[str, Any]]:
    """A request's body as a server would deliver it."""
    body = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    return [*body, {"type": "http.request", "body": b"", "more_body": False}]


@settings(deadline=None, max_examples=60)
@given(sent=_chunks, answer=_chunks, size=st.integers(1, 400), limit=st.integers(1, 500))
def test_what_goes_in_comes_out(
    sent: list[bytes], answer: list[bytes], size: int, limit: int
) -> None:
    whole, received = b"".join(answer), []

    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        while data := environ["wsgi.input"].read(size):
            received.append(data)
        headers = [("Content-Length", str(len(whole)))] if size % 2 else []
        write = start("200 OK", headers)
        if answer:
            write(answer[0])
        yield from answer[1:]

    got: list[Any] = []
    inbox = messages(sent)

    async def receive() -> Any:
        await asyncio.sleep(0)
        if inbox:
            return inbox.pop(0)
        await asyncio.Event().wait()
        return None

    async def send(message: Any) -> None:
        await asyncio.sleep(0)
        got.append(message)

    wrapped = LegacyMiddleware(app, workers=1, buffer=limit)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"transfer-encoding", b"chunked")],
    }
    asyncio.run(wrapped(scope, receive, send))
    assert b"".join(received) == b"".join(sent)
    assert b"".join(message.get("body", b"") for message in got) == whole
    assert [message["type"] for message in got].count("http.response.start") == 1
    assert [m.get("more_body") for m in got[1:]] == [True] * (len(got) - 2) + [False]
    assert wrapped.pool.close(10)


def test_clients_that_come_and_go_leave_no_thread_behind(
    serve: Callable[..., int],
    connect: Callable[[int], Any],
    eventually: Callable[..., None],
) -> None:
    legacy, opened, closed = Flask("legacy"), [0], [0]
    lock = threading.Lock()

    @legacy.route("/stream", methods=["GET", "POST"])
    def stream() -> Response:
        if request.method == "POST":
            request.get_data()

        def make() -> Iterator[bytes]:
            with lock:
                opened[0] += 1
            try:
                for _ in range(10_000):
                    yield b"x" * 1000
                    time.sleep(0.0005)
            finally:
                with lock:
                    closed[0] += 1

        return Response(make())

    app = mount_legacy(legacy, FastAPI(), workers=4)
    port = serve(app)
    choose = random.Random(7)
    for kind in [*(choose.randrange(4) for _ in range(60)), 1]:
        client = connect(port)
        if kind == 0:  # leaves at once
            client.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        elif kind == 1:  # reads a little
            client.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            client.socket.recv(100)
        elif kind == 2:  # leaves in the middle of its upload
            client.send(b"POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc")
        else:  # leaves in the middle of its headers
            client.send(b"GET /stream HTTP/1.1\r\nHo")
        client.close()
    eventually(lambda: app.legacy.pool.pending == 0, 30)
    assert opened == closed
    assert opened[0] > 10
    assert app.legacy.pool.threads <= 4
