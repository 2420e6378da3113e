"""A mounted application for tests that need a process of their own; run as `python FILE PORT_FD`."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from flask import Flask, Response, request

from migrator.runtime.mount import mount_legacy

legacy = Flask("legacy")
MEGABYTE = bytes(1024 * 1024)


def say(line: str) -> None:
    """Print a line in one piece: two threads may have something to say at the same time."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


@legacy.get("/ping")
def ping() -> str:
    return "pong"


@legacy.get("/stuck")
def stuck() -> str:
    say("stuck")
    time.sleep(600)
    return "never"


@legacy.get("/events")
def events() -> Response:
    def tick() -> Iterator[bytes]:
        try:
            while True:
                yield b"data: tick\n\n"
                time.sleep(0.01)
        finally:
            say("stream closed")

    return Response(tick())


@legacy.get("/down/<int:megabytes>")
def down(megabytes: int) -> Response:
    return Response(MEGABYTE for _ in range(megabytes))


@legacy.post("/up")
def up() -> str:
    size = 0
    while data := request.stream.read(65536):
        size += len(data)
    return str(size)


@legacy.get("/peak")
def peak() -> str:
    return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


@legacy.get("/threads")
def threads() -> str:
    return str(threading.active_count())


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    say("started")
    yield
    await asyncio.sleep(0)
    say("stopped")


def main() -> None:
    listener = socket.socket(fileno=int(sys.argv[1]))
    app = mount_legacy(legacy, FastAPI(lifespan=lifespan), workers=4, shutdown_timeout=0.5)
    config = uvicorn.Config(app, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
