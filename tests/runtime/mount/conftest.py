"""Two ways to reach a mounted application: in process, and over a socket from a real uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn

Ask = Callable[..., httpx.Response]
Serve = Callable[..., int]


@pytest.fixture
def ask() -> Ask:
    """`ask(app, "GET", "/path", **httpx_options)`: one request, in process."""

    def send(app: Any, method: str, url: str, **options: Any) -> httpx.Response:
        root_path = options.pop("root_path", "")

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=app, root_path=root_path)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
                return await http.request(method, url, **options)

        return asyncio.run(go())

    return send


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(app, **uvicorn_options)` starts uvicorn on a free loopback port and returns the port.

    At the end every server is stopped; one that is still running ten seconds later fails the test.
    """
    with contextlib.ExitStack() as stack:

        def start(app: Any, **options: Any) -> int:
            listener = socket.socket()
            stack.callback(listener.close)
            listener.bind(("127.0.0.1", 0))
            config = uvicorn.Config(
                app,
                log_level="critical",
                ws="none",
                timeout_graceful_shutdown=1,
                **options,
            )
            server = uvicorn.Server(config)
            thread = threading.Thread(
                target=server.run, kwargs={"sockets": [listener]}, daemon=True
            )
            thread.start()
            stack.callback(_stop, server, thread)
            eventually(lambda: server.started or not thread.is_alive())
            assert server.started
            port: int = listener.getsockname()[1]
            return port

        yield start


def _stop(server: uvicorn.Server, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "the server did not stop"


def eventually(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until `condition()` holds; fails the test when it doesn't within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


@pytest.fixture(name="eventually")
def _eventually() -> Callable[..., None]:
    return eventually


class Wire:
    """A raw connection: what is written is what the server gets."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read_until(self, end: bytes) -> bytes:
        data = b""
        while end not in data:
            part = self.socket.recv(65536)
            if not part:
                break
            data += part
        return data

    def read_all(self) -> bytes:
        """All there is until the server closes the connection."""
        data = b""
        while part := self.socket.recv(65536):
            data += part
        return data

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def connect() -> Iterator[Callable[[int], Wire]]:
    """`connect(port)`: a raw connection, closed after the test."""
    with contextlib.ExitStack() as stack:

        def open_(port: int) -> Wire:
            wire = Wire(port)
            stack.callback(wire.close)
            return wire

        yield open_
