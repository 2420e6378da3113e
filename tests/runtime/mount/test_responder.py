"""The responder against the ASGI messages of awkward servers and PEP 3333's corner cases."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from migrator.runtime.mount.wsgi import LegacyMiddleware

Start = Callable[..., Callable[[bytes], None]]
Eventually = Callable[..., None]
SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "path": "/",
    "query_string": b"",
    "headers": [],
}


class Client:
    """The server's side of one request: gives its messages, keeps what is sent."""

    def __init__(self, *messages: dict[str, Any], fail_at: int | None = None) -> None:
        self.messages = list(messages)
        self.sent: list[dict[str, Any]] = []
        self.fail_at = fail_at
        self.error: Exception = RuntimeError("the server is broken")

    async def receive(self) -> dict[str, Any]:
        if self.messages:
            return self.messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Any) -> None:
        if self.fail_at is not None and len(self.sent) == self.fail_at:
            raise self.error
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def call(app: Any, client: Client, **scope: Any) -> None:
    asyncio.run(app(SCOPE | scope, client.receive, client.send))


@pytest.fixture
def stream() -> tuple[Callable[..., Iterable[bytes]], threading.Event]:
    """An endless stream that needs no client to go on, and the event of its end."""
    closed = threading.Event()

    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start("200 OK", [("X-A", "1")])
        try:
            while True:
                yield b"x" * 1000
        finally:
            closed.set()

    return app, closed


@pytest.mark.parametrize("fail_at", [0, 1, 3])
def test_a_send_that_fails_ends_the_stream(
    stream: tuple[Any, threading.Event], eventually: Eventually, fail_at: int
) -> None:
    app = LegacyMiddleware(stream[0], workers=1)
    with pytest.raises(RuntimeError, match="the server is broken"):
        call(app, Client(fail_at=fail_at))
    assert stream[1].wait(10)
    eventually(lambda: app.pool.pending == 0)
    assert app.pool.close(timeout=10)


def test_a_send_that_says_the_client_left_is_no_error(stream: tuple[Any, threading.Event]) -> None:
    client = Client(fail_at=2)
    client.error = BrokenPipeError("gone")
    call(LegacyMiddleware(stream[0], workers=1), client)
    assert stream[1].wait(10)


def test_a_disconnect_ends_the_stream(stream: tuple[Any, threading.Event]) -> None:
    client = Client({"type": "http.request"}, {"type": "http.disconnect"})
    call(LegacyMiddleware(stream[0], workers=1), client)
    assert stream[1].wait(10)


def test_cancellation_ends_the_stream(stream: tuple[Any, threading.Event]) -> None:
    app = LegacyMiddleware(stream[0], workers=1)
    blocked = asyncio.Event()

    async def send(message: Any) -> None:
        blocked.set()
        await asyncio.Event().wait()

    async def go() -> None:
        task = asyncio.create_task(app(SCOPE, Client().receive, send))
        await blocked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
    assert stream[1].wait(10)
    assert app.pool.close(timeout=10)


def test_cancellation_releases_a_view_that_waits_for_its_body() -> None:
    reading, outcome, done = threading.Event(), [], threading.Event()

    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        try:
            reading.set()
            environ["wsgi.input"].read()
        except OSError as error:
            outcome.append(type(error).__name__)
        done.set()
        start("200 OK", [])
        return []

    wrapped = LegacyMiddleware(app, workers=1)

    async def go() -> None:
        chunked = {"headers": [(b"transfer-encoding", b"chunked")]}
        client = Client()
        task = asyncio.create_task(wrapped(SCOPE | chunked, client.receive, client.send))
        await asyncio.to_thread(reading.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
    assert done.wait(10)
    assert outcome == ["ClientGone"]


def test_a_request_whose_client_left_in_the_queue_is_not_run() -> None:
    release, begun, ran = threading.Event(), threading.Event(), []

    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        ran.append(environ["PATH_INFO"])
        begun.set()
        assert release.wait(10)
        start("200 OK", [])
        return []

    wrapped = LegacyMiddleware(app, workers=1)

    async def go() -> None:
        first = asyncio.create_task(wrapped(SCOPE, Client().receive, Client().send))
        await asyncio.to_thread(begun.wait, 10)
        second = asyncio.create_task(
            wrapped(SCOPE | {"path": "/second"}, Client().receive, Client().send)
        )
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        release.set()
        await first

    asyncio.run(go())
    assert wrapped.pool.close(timeout=10)
    assert ran == ["/"]


def test_a_response_of_known_length_is_two_messages() -> None:
    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        start("201 Created", [("Content-Length", "5"), ("Set-Cookie", "a"), ("Set-Cookie", "b")])
        return [b"hello"]

    client = Client()
    call(LegacyMiddleware(app), client)
    assert client.sent == [
        {
            "type": "http.response.start",
            "status": 201,
            "headers": [(b"content-length", b"5"), (b"set-cookie", b"a"), (b"set-cookie", b"b")],
        },
        {"type": "http.response.body", "body": b"hello", "more_body": False},
    ]


def test_write_and_then_an_iterable() -> None:
    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        write = start("200 OK", [])
        write(b"a")
        write(b"b")
        return [b"", b"c"]

    client = Client()
    call(LegacyMiddleware(app), client)
    assert (client.body, client.sent[-1]["more_body"]) == (b"abc", False)


def test_start_response_may_be_called_by_the_first_step_of_a_generator() -> None:
    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start("200 OK", [])
        yield b"late"

    client = Client()
    call(LegacyMiddleware(app), client)
    assert client.body == b"late"


def test_an_error_page_replaces_headers_that_were_not_sent() -> None:
    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        start("200 OK", [])
        try:
            raise ValueError("no")
        except ValueError as error:
            start("500 Oops", [], (ValueError, error, error.__traceback__))
        return [b"sorry"]

    client = Client()
    call(LegacyMiddleware(app), client)
    assert (client.sent[0]["status"], client.body) == (500, b"sorry")


def test_an_error_page_too_late_raises_the_error() -> None:
    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start("200 OK", [])
        yield b"some"
        try:
            raise ValueError("no")
        except ValueError as error:
            start("500 Oops", [], (ValueError, error, error.__traceback__))

    with pytest.raises(ValueError, match=r"^no$"):
        call(LegacyMiddleware(app), Client())


@pytest.mark.parametrize("error", [ValueError("broken"), OSError("disk")])
def test_what_the_application_raises_is_raised(error: BaseException) -> None:
    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        raise error

    client, wrapped = Client(), LegacyMiddleware(app, workers=1)
    with pytest.raises(type(error)):
        call(wrapped, client)
    assert client.sent == []
    assert wrapped.pool.close(timeout=10)


def test_an_exit_in_a_view_does_not_end_the_server() -> None:
    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match=r"raised SystemExit\(3\)"):
        call(LegacyMiddleware(app), Client())


def test_an_application_that_never_starts_its_response_is_an_error() -> None:
    with pytest.raises(AssertionError, match="before start_response"):
        call(LegacyMiddleware(lambda environ, start: [b"x"]), Client())


def test_a_second_start_response_is_an_error() -> None:
    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        start("200 OK", [])
        start("200 OK", [])
        return []

    with pytest.raises(AssertionError, match="called twice"):
        call(LegacyMiddleware(app), Client())


def test_close_that_fails_after_the_response_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Body:
        def __iter__(self) -> Iterator[bytes]:
            yield b"whole"

        def close(self) -> None:
            raise ValueError("too late")

    def app(environ: dict[str, Any], start: Start) -> Body:
        start("200 OK", [("Content-Length", "5")])
        return Body()

    client = Client()
    call(LegacyMiddleware(app), client)
    assert client.body == b"whole"
    assert "failed after its response" in caplog.text


def test_what_follows_the_last_chunk_runs_to_its_end() -> None:
    ran = []

    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start("200 OK", [("Content-Length", "2")])
        yield b"ab"
        ran.append("after")

    client = Client()
    call(LegacyMiddleware(app), client)
    assert (client.body, ran) == (b"ab", ["after"])


def test_context_variables_reach_the_view() -> None:
    request_id = contextvars.ContextVar("request_id", default="none")

    def app(environ: dict[str, Any], start: Start) -> Iterator[bytes]:
        start("200 OK", [])
        yield request_id.get().encode()

    client = Client()

    async def go() -> None:
        request_id.set("r-1")
        await LegacyMiddleware(app)(SCOPE, client.receive, client.send)

    asyncio.run(go())
    assert client.body == b"r-1"


def test_a_loop_that_is_gone_releases_the_thread(stream: tuple[Any, threading.Event]) -> None:
    app = LegacyMiddleware(stream[0], workers=1)
    loop = asyncio.new_event_loop()
    task = loop.create_task(app(SCOPE, Client().receive, Client().send))
    loop.run_until_complete(asyncio.sleep(0.01))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
    assert stream[1].wait(10)
