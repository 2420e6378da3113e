"""What crosses the mount over a real socket: uploads, streams, slow and leaving clients."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask, Response, request, stream_with_context

from migrator.runtime.mount import MountedApplication, mount_legacy

Serve = Callable[..., int]
Connect = Callable[[int], Any]
Eventually = Callable[..., None]


def mounted(legacy: Flask, **options: Any) -> MountedApplication:
    return mount_legacy(legacy, FastAPI(docs_url=None, redoc_url=None, openapi_url=None), **options)


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


@pytest.fixture
def endless() -> tuple[Flask, threading.Event]:
    """An application with an endless stream, and the event of its generator's end."""
    legacy, closed = Flask("legacy"), threading.Event()

    @legacy.get("/events")
    def events() -> Response:
        def tick() -> Iterator[bytes]:
            try:
                while True:
                    yield b"data: tick\n\n"
                    time.sleep(0.001)
            finally:
                closed.set()

        return Response(stream_with_context(tick()), mimetype="text/event-stream")

    @legacy.get("/ping")
    def ping() -> str:
        return "pong"

    return legacy, closed


def test_a_client_that_leaves_ends_the_stream_and_frees_its_worker(
    endless: tuple[Flask, threading.Event], serve: Serve, connect: Connect
) -> None:
    legacy, closed = endless
    port = serve(mounted(legacy, workers=1))
    listener = connect(port)
    listener.send(get("/events"))
    assert b"tick" in listener.read_until(b"tick")
    listener.close()
    assert closed.wait(10)
    other = connect(port)
    other.send(get("/ping", "Connection: close"))
    assert other.read_all().endswith(b"pong")


def test_a_client_that_leaves_while_the_buffer_is_full_frees_the_worker(
    serve: Serve, connect: Connect, eventually: Eventually
) -> None:
    legacy, closed, produced = Flask("legacy"), threading.Event(), [0]

    @legacy.get("/flood")
    def flood() -> Response:
        def pour() -> Iterator[bytes]:
            try:
                while True:
                    produced[0] += 1
                    yield b"x" * 65536
            finally:
                closed.set()

        return Response(pour())

    app = mounted(legacy, workers=1)
    listener = connect(serve(app))
    listener.send(get("/flood"))
    assert listener.socket.recv(1) == b"H"
    # Nobody reads: the sockets' buffers fill, then ours, then the thread is held.
    before = -1
    while produced[0] != before:
        before = produced[0]
        assert not closed.wait(0.2)
    assert produced[0] * 65536 < 64 * 1024 * 1024
    listener.close()
    assert closed.wait(10)
    eventually(lambda: app.legacy.pool.pending == 0)


def test_a_slow_client_gets_every_byte(serve: Serve, connect: Connect) -> None:
    legacy = Flask("legacy")
    size = 8 * 1024 * 1024
    block = bytes(range(256)) * 256

    @legacy.get("/big")
    def big() -> Response:
        return Response(
            (block for _ in range(size // len(block))), headers={"Content-Length": str(size)}
        )

    client = connect(serve(mounted(legacy)))
    client.send(get("/big", "Connection: close"))
    head = client.read_until(b"\r\n\r\n")
    body = head.partition(b"\r\n\r\n")[2]
    while part := client.socket.recv(100_000):
        body += part
    assert body == block * (size // len(block))


def test_each_chunk_is_sent_before_the_next_is_made(serve: Serve, connect: Connect) -> None:
    legacy, seen = Flask("legacy"), threading.Event()

    @legacy.get("/steps")
    def steps() -> Response:
        def make() -> Iterator[bytes]:
            yield b"first"
            assert seen.wait(10)
            yield b"second"

        return Response(make())

    client = connect(serve(mounted(legacy)))
    client.send(get("/steps", "Connection: close"))
    client.read_until(b"first")
    seen.set()
    assert b"second" in client.read_all()


def test_work_after_the_response_does_not_keep_the_client_waiting(
    serve: Serve, connect: Connect
) -> None:
    legacy, answered, ran = Flask("legacy"), threading.Event(), threading.Event()

    @legacy.get("/")
    def index() -> Response:
        response = Response("done")

        @response.call_on_close
        def later() -> None:
            assert answered.wait(10)
            ran.set()

        return response

    client = connect(serve(mounted(legacy)))
    client.send(get("/"))
    assert client.read_until(b"done").endswith(b"done")
    answered.set()
    assert ran.wait(10)


@pytest.fixture
def uploads() -> Flask:
    legacy = Flask("legacy")

    @legacy.post("/size")
    def size() -> str:
        return f"{len(request.get_data())} bytes"

    @legacy.post("/lines")
    def lines() -> str:
        return repr([request.stream.readline(3), *request.stream.readlines()])

    @legacy.post("/form")
    def form() -> str:
        return f"{request.form['a']} {request.files['f'].read()!r}"

    @legacy.post("/refuse")
    def refuse() -> tuple[str, int]:
        return "no", 403

    return legacy


def test_a_chunked_upload_arrives_whole(uploads: Flask, serve: Serve, connect: Connect) -> None:
    client = connect(serve(mounted(uploads)))
    client.send(get("/size", "Transfer-Encoding: chunked", "Connection: close", method="POST"))
    for _ in range(100):
        client.send(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
    client.send(b"0\r\n\r\n")
    assert client.read_all().endswith(b"1000000 bytes")


def test_a_chunked_upload_that_breaks_off_never_looks_complete(
    serve: Serve, connect: Connect
) -> None:
    legacy, read = Flask("legacy"), threading.Event()
    outcome: list[bytes | Exception] = []

    @legacy.post("/size")
    def size() -> str:
        try:
            assert request.stream.read(3) == b"abc"
            read.set()
            outcome.append(request.stream.read())
        except Exception as error:
            outcome.append(error)
            raise
        finally:
            done.set()
        return "stored"

    done = threading.Event()
    client = connect(serve(mounted(legacy)))
    client.send(get("/size", "Transfer-Encoding: chunked", method="POST") + b"5\r\nabcde\r\n")
    assert read.wait(10)
    client.close()
    assert done.wait(10)
    assert type(outcome[0]).__name__ == "ClientGone"


def test_an_upload_of_a_known_length_that_breaks_off_is_a_client_disconnected(
    serve: Serve, connect: Connect
) -> None:
    legacy, outcome, done = Flask("legacy"), [], threading.Event()

    @legacy.errorhandler(400)
    def bad(error: Exception) -> tuple[str, int]:
        outcome.append(type(error).__name__)
        done.set()
        return "bad", 400

    @legacy.post("/size")
    def size() -> str:
        return f"{len(request.get_data())}"

    client = connect(serve(mounted(legacy)))
    client.send(get("/size", "Content-Length: 100", method="POST") + b"abc")
    client.close()
    assert done.wait(10)
    assert outcome[0] in {"ClientDisconnected", "ClientGone"}


def test_lines_of_a_body(uploads: Flask, serve: Serve, connect: Connect) -> None:
    port = serve(mounted(uploads))
    for body, expected in [
        (b"abcd\nef\ngh", [b"abc", b"d\n", b"ef\n", b"gh"]),
        (b"\n\nx\n", [b"\n", b"\n", b"x\n"]),
        (b"", [b""]),
    ]:
        client = connect(port)
        length = f"Content-Length: {len(body)}"
        client.send(get("/lines", length, "Connection: close", method="POST") + body)
        assert client.read_all().endswith(repr(expected).encode())


def test_a_form_with_a_file(uploads: Flask, serve: Serve, connect: Connect) -> None:
    parts = [
        '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\none',
        '--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\ncontent',
        "--b--\r\n",
    ]
    body = "\r\n".join(parts).encode()
    client = connect(serve(mounted(uploads)))
    head = get(
        "/form",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(body)}",
        "Connection: close",
        method="POST",
    )
    client.send(head + body)
    assert client.read_all().endswith(b"one b'content'")


def test_a_refused_upload_is_not_asked_for(uploads: Flask, serve: Serve, connect: Connect) -> None:
    client = connect(serve(mounted(uploads)))
    client.send(get("/refuse", "Expect: 100-continue", "Content-Length: 9", method="POST"))
    assert client.read_until(b"\r\n").startswith(b"HTTP/1.1 403")


def test_an_expected_upload_is_asked_for(uploads: Flask, serve: Serve, connect: Connect) -> None:
    client = connect(serve(mounted(uploads)))
    client.send(
        get(
            "/size", "Expect: 100-continue", "Content-Length: 3", "Connection: close", method="POST"
        )
    )
    assert client.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
    client.send(b"abc")
    assert client.read_all().endswith(b"3 bytes")


def test_a_failure_in_the_middle_of_a_stream_cuts_the_connection(
    serve: Serve, connect: Connect
) -> None:
    legacy = Flask("legacy")

    @legacy.get("/")
    def index() -> Response:
        def fail() -> Iterator[bytes]:
            yield b"start"
            raise ValueError("no more")

        return Response(fail())

    client = connect(serve(mounted(legacy)))
    client.send(get("/"))
    answer = client.read_all()
    assert b"start" in answer
    assert not answer.endswith(b"0\r\n\r\n")  # the end of a chunked body


def test_a_file_goes_out_whole(serve: Serve, connect: Connect) -> None:
    from flask import send_file

    legacy, content = Flask("legacy"), bytes(range(256)) * 4000
    legacy.add_url_rule("/f", "f", lambda: send_file(io.BytesIO(content), download_name="f.bin"))
    client = connect(serve(mounted(legacy)))
    client.send(get("/f", "Connection: close"))
    assert client.read_all().partition(b"\r\n\r\n")[2] == content


def test_several_requests_on_one_connection(uploads: Flask, serve: Serve, connect: Connect) -> None:
    client = connect(serve(mounted(uploads)))
    for size in (0, 1, 300_000, 2):
        client.send(get("/size", f"Content-Length: {size}", method="POST") + b"x" * size)
        assert client.read_until(b" bytes").endswith(b"\r\n\r\n%d bytes" % size)
