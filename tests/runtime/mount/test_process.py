"""A process of its own: SIGTERM ends it whatever the legacy application is doing; memory stays flat."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Connect = Callable[[int], Any]
ROOT = Path(__file__).parents[3]


class Process:
    """The server's process and the port that it listens on."""

    def __init__(self, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.popen = subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("serving_process.py"),
                str(listener.fileno()),
            ],
            pass_fds=[listener.fileno()],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.line() == "started"

    def line(self) -> str:
        assert self.popen.stdout is not None
        return self.popen.stdout.readline().strip()

    def terminate(self) -> list[str]:
        """Send SIGTERM; returns what is printed until the process ends, ten seconds at most."""
        self.popen.send_signal(signal.SIGTERM)
        out, _ = self.popen.communicate(timeout=10)
        return out.split("\n")[:-1]


@pytest.fixture
def process() -> Iterator[Process]:
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = Process(listener)
        try:
            yield server
        finally:
            server.popen.kill()
            server.popen.communicate()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


def test_sigterm_with_an_idle_connection(process: Process, connect: Connect) -> None:
    client = connect(process.port)
    client.send(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.read_until(b"pong").endswith(b"pong")
    assert process.terminate() == ["stopped"]


def test_sigterm_with_a_live_stream_closes_the_stream(process: Process, connect: Connect) -> None:
    client = connect(process.port)
    client.send(get("/events"))
    client.read_until(b"tick")
    assert sorted(process.terminate()) == ["stopped", "stream closed"]


def test_sigterm_with_a_dead_stream(process: Process, connect: Connect) -> None:
    client = connect(process.port)
    client.send(get("/events"))
    client.read_until(b"tick")
    client.close()
    assert process.line() == "stream closed"
    assert process.terminate() == ["stopped"]


def test_sigterm_with_a_view_that_hangs(process: Process, connect: Connect) -> None:
    client = connect(process.port)
    client.send(get("/stuck"))
    assert process.line() == "stuck"
    assert process.terminate() == ["stopped"]


def test_a_hundred_megabytes_each_way_need_little_memory(
    process: Process, connect: Connect
) -> None:
    def ask(path: str) -> int:
        client = connect(process.port)
        client.send(get(path))
        return int(client.read_all().rpartition(b"\r\n")[2])

    warm = connect(process.port)
    warm.send(get("/down/1"))
    warm.read_all()
    before = ask("/peak")

    down = connect(process.port)
    down.send(get("/down/100"))
    received = 0
    while part := down.socket.recv(1 << 20):
        received += len(part)
    assert received > 100 * 1024 * 1024

    up = connect(process.port)
    size = 100 * 1024 * 1024
    up.send(
        f"POST /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    for _ in range(100):
        up.send(bytes(1024 * 1024))
    assert up.read_all().endswith(str(size).encode())

    grown = ask("/peak") - before  # KiB
    assert grown < 16 * 1024
