"""Calls a WSGI or ASGI application directly, as a server would, and keeps what comes back."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from .model import Request, Response

CLIENT = ("203.0.113.7", 51000)
Scope = MutableMapping[str, Any]


class NoResponse(RuntimeError):
    """The application returned without starting a response."""


def is_asgi(app: object) -> bool:
    """Whether `app` is called as ASGI (a coroutine function) rather than as WSGI."""
    return (
        inspect.iscoroutinefunction(app)
        or inspect.iscoroutinefunction(
            getattr(app, "__call__", None)  # noqa: B004 (its kind is asked for, not its existence)
        )
        or hasattr(app, "asgi_app")  # an AsyncFlask, which is both
    )


def call_wsgi(
    app: Any, request: Request, *, threads: bool = False
) -> tuple[Response | None, BaseException | None]:
    """The response, and what the application raised (both where it raised mid-stream).

    `threads` tells the application that others may call it meanwhile.
    """
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        started[:] = [(status, headers)]
        return chunks.append

    raised: BaseException | None = None
    try:
        result: Iterable[bytes] = app(
            {**_environ(request), "wsgi.multithread": threads}, start_response
        )
        try:
            chunks.extend(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
    except Exception as error:
        raised = error
    if not started:
        return None, raised or NoResponse("the application started no response")
    status, headers = started[0]
    return Response(int(status.split(" ", 1)[0]), tuple(headers), b"".join(chunks)), raised


def _environ(request: Request) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": request.host,
        "SERVER_PORT": str(request.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": CLIENT[0],
        "REMOTE_PORT": str(CLIENT[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        joiner = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joiner}{value}" if key in environ else value
    return environ


def asgi_scope(request: Request) -> Scope:
    """The scope of one HTTP request, as uvicorn makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": unquote_to_bytes(request.path).decode("utf-8", "replace"),
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "root_path": "",
        "headers": [
            (n.lower().encode("latin-1"), v.encode("latin-1", "replace"))
            for n, v in request.headers
        ],
        "client": CLIENT,
        "server": (request.host, request.port),
        "state": {},
    }


async def call_asgi(
    app: Any, request: Request, scope: Scope
) -> tuple[Response | None, BaseException | None]:
    """Like call_wsgi; background work that the application awaits has ended when this returns."""
    given = iter([{"type": "http.request", "body": request.body, "more_body": False}])
    status: list[int] = []
    headers: list[tuple[str, str]] = []
    chunks: list[bytes] = []
    complete = asyncio.Event()

    async def receive() -> dict[str, Any]:
        message = next(given, None)
        if message is not None:
            return message
        await complete.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])
            headers.extend(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message["headers"]
            )
        elif message["type"] == "http.response.body":
            chunks.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                complete.set()

    raised: BaseException | None = None
    try:
        await app(scope, receive, send)
    except Exception as error:
        raised = error
    if not status:
        return None, raised or NoResponse("the application started no response")
    body = b"" if request.method == "HEAD" else b"".join(chunks)
    return Response(status[0], tuple(headers), body), raised


class Lifespan:
    """Runs an ASGI application's start and stop in the loop that serves its requests.

    An application without lifespan support raises on the scope; that is allowed by the
    specification and means there is nothing to run.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outbox: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Returns when the application is ready; raises what its start raised."""
        await self._inbox.put({"type": "lifespan.startup"})
        self._task = asyncio.get_running_loop().create_task(self._run())
        message = await self._next()
        if message is not None and message["type"] == "lifespan.startup.failed":
            raise RuntimeError(message.get("message") or "the application's start failed")

    async def stop(self) -> None:
        """Lets the application shut down."""
        if self._task is None or self._task.done():
            return
        await self._inbox.put({"type": "lifespan.shutdown"})
        await self._next()
        await asyncio.wait([self._task], timeout=10)

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]] = self._outbox.put
        await self._app(scope, self._inbox.get, send)

    async def _next(self) -> MutableMapping[str, Any] | None:
        assert self._task is not None
        waiting = asyncio.ensure_future(self._outbox.get())
        await asyncio.wait([waiting, self._task], return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        if self._task.exception() is not None:
            return None
        return None
