"""Start and stop: FastAPI's lifespan runs, the checks come before it, the threads end after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from flask import Flask

from migrator.runtime.mount import MountedApplication, mount_legacy


@asynccontextmanager
async def started(app: MountedApplication) -> AsyncIterator[dict[str, Any]]:
    """The application between startup and shutdown, as a server runs it."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    state: dict[str, Any] = {}
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
    task = asyncio.create_task(app(scope, inbox.get, outbox.put))
    inbox.put_nowait({"type": "lifespan.startup"})
    answer = await outbox.get()
    if answer["type"] != "lifespan.startup.complete":
        await asyncio.wait([task])
        raise RuntimeError(answer["message"])
    yield state
    inbox.put_nowait({"type": "lifespan.shutdown"})
    assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
    await task


async def fetch(app: MountedApplication, path: str) -> str:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        return (await http.get(path)).text


def test_fastapis_lifespan_runs_and_the_threads_end() -> None:
    events = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        events.append("start")
        yield {"from": "lifespan"}
        events.append("stop")

    legacy = Flask("legacy")
    legacy.add_url_rule("/", "index", lambda: "flask")
    app = mount_legacy(legacy, FastAPI(lifespan=lifespan))

    async def twice() -> None:
        for _ in range(2):
            async with started(app) as state:
                assert state == {"from": "lifespan"}
                assert await fetch(app, "/") == "flask"
                assert app.legacy.pool.threads == 1
            assert app.legacy.pool.threads == 0

    asyncio.run(twice())
    assert events == ["start", "stop"] * 2


def test_a_lifespan_that_fails_stops_the_start() -> None:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        raise LookupError("no database")
        yield

    app = mount_legacy(Flask("legacy"), FastAPI(lifespan=lifespan))

    async def go() -> None:
        with pytest.raises(RuntimeError, match="no database"):
            async with started(app):
                pass

    asyncio.run(go())


def test_what_was_added_since_is_checked_at_the_start() -> None:
    legacy = Flask("legacy")
    app = mount_legacy(legacy, FastAPI())
    legacy.add_url_rule("/docs", "handbook", lambda: "handbook")

    async def go() -> None:
        with pytest.raises(RuntimeError, match="FastAPI serves its documentation at '/docs'"):
            async with started(app):
                pass

    asyncio.run(go())


def test_websockets_are_fastapis() -> None:
    target = FastAPI()

    @target.websocket("/ws")
    async def ws(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    app = mount_legacy(Flask("legacy"), target)

    async def talk(path: str) -> list[str]:
        sent = []
        inbox: asyncio.Queue[Any] = asyncio.Queue()
        inbox.put_nowait({"type": "websocket.connect"})

        async def send(message: Any) -> None:
            sent.append(message["type"])

        scope = {"type": "websocket", "path": path, "headers": [], "query_string": b""}
        await app(scope, inbox.get, send)
        return sent

    assert asyncio.run(talk("/ws")) == ["websocket.accept", "websocket.send", "websocket.close"]
    assert asyncio.run(talk("/other")) == ["websocket.close"]


def test_a_legacy_websocket_is_announced_as_unreachable(
    caplog: pytest.LogCaptureFixture,
) -> None:
    legacy = Flask("legacy")
    legacy.add_url_rule("/live", "live", lambda: "", websocket=True)
    mount_legacy(legacy, FastAPI())
    assert "/live waits for a websocket" in caplog.text
