"""One request to a WSGI application, answered over ASGI.

Ours and not a2wsgi's, because a2wsgi's responder cannot be told from outside that the client has
left, and blocks its thread for good when nobody takes what it sends (docs/adr/0002-a2wsgi.md).
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import logging
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from migrator.runtime.mount.environ import Environ, make_environ
from migrator.runtime.mount.exchange import ClientGone, Exchange, Head
from migrator.runtime.mount.upload import Upload

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from migrator.runtime.mount.pool import WorkerPool

log = logging.getLogger("migrator.mount")

WSGIApplication = Callable[[Environ, Any], Iterable[bytes]]
#: How much of an upload is read at once.
_READ = 64 * 1024

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


async def respond(
    app: WSGIApplication,
    pool: WorkerPool,
    limit: int,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Serve the HTTP request `scope` from `app` in a thread of `pool`.

    `limit` is how many bytes of a response may wait for a slow client. When the client leaves, when
    `send` fails and when this is cancelled, the response's iterable is closed by the thread at its
    next step and the thread is free again. What `app` raises is raised here (SystemExit as RuntimeError).
    """
    loop = asyncio.get_running_loop()
    exchange = Exchange(loop, limit)
    upload = Upload(loop, receive, exchange.abort)
    body = io.BufferedReader(upload, _READ) if _may_have_body(scope) else io.BytesIO()
    run = _Run(app, make_environ(scope, body), exchange)
    context = contextvars.copy_context()
    pool.run(lambda: context.run(run))
    started = False
    batch = None
    try:
        while (batch := await exchange.take()) is not None:
            if batch.head is not None:
                await send(
                    {
                        "type": "http.response.start",
                        "status": batch.head.status,
                        "headers": batch.head.headers,
                    }
                )
                started = True
            if batch.data or batch.final:
                await send(
                    {
                        "type": "http.response.body",
                        "body": batch.data,
                        "more_body": not batch.final,
                    }
                )
            if batch.error is not None:
                raise batch.error
            if batch.done:
                return
            if started and not batch.final:
                upload.watch()
    except OSError as error:
        # The ASGI way to say that the client has left; a fault of the application is not that.
        if batch is not None and error is batch.error:
            raise
        log.debug("The client left: %r", error)
    finally:
        exchange.abort()
        await upload.end()


def _may_have_body(scope: Scope) -> bool:
    if not scope.get("http_version", "1.1").startswith("1"):
        return True  # HTTP/2 and later need no header to announce one
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


class _Run:
    """The worker thread's half: calls the application once and passes on what it answers."""

    def __init__(self, app: WSGIApplication, environ: Environ, exchange: Exchange) -> None:
        self._app = app
        self._environ = environ
        self._exchange = exchange
        self._head: Head | None = None  # set by start_response, None again once passed on
        self._begun = False  # start_response was called
        self._sent = False  # the head has been passed on
        self._complete = False  # the whole body has been passed on
        self._missing: int | None = None  # what Content-Length still promises

    def __call__(self) -> None:
        error: BaseException | None = None
        try:
            if not self._exchange.aborted:  # it may have left while it was queued
                self._serve()
        except ClientGone:
            pass
        except BaseException as raised:
            if self._complete or self._exchange.aborted:  # nobody is there to be told
                log.exception("The legacy application failed after its response")
            elif isinstance(raised, Exception):
                error = raised
            else:  # sys.exit() in a view must not end the server
                error = RuntimeError(f"The legacy application raised {raised!r}")
                error.__cause__ = raised
        self._exchange.finish(error)

    def _serve(self) -> None:
        iterable = self._app(self._environ, self._start_response)
        try:
            for chunk in iterable:
                if self._exchange.aborted:
                    raise ClientGone
                if not chunk or self._complete:
                    continue
                if self._missing is not None and len(chunk) >= self._missing:
                    # The usual response: all of it in one step. What the application does after
                    # its last chunk, and in close(), is none of the client's time.
                    self._finish_body(chunk)
                else:
                    self._write(chunk)
            if not self._complete:
                self._finish_body(b"")
        finally:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()

    def _finish_body(self, data: bytes) -> None:
        self._exchange.complete(self._take_head(), data)
        self._complete = True

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None:
            try:
                if self._sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # a reference cycle otherwise (PEP 3333)
        elif self._begun:
            raise AssertionError("start_response was called twice without exc_info")
        self._begun = True
        self._missing = None
        encoded = []
        for name, value in headers:
            key = name.strip().lower().encode("latin1")
            if key == b"content-length" and self._environ["REQUEST_METHOD"] != "HEAD":
                self._missing = int(value)
            encoded.append((key, value.strip().encode("latin1")))
        self._head = Head(int(status[:3]), encoded)
        return self._write

    def _write(self, data: bytes) -> None:
        if self._missing is not None:
            self._missing -= len(data)
        self._exchange.write(self._take_head(), data)

    def _take_head(self) -> Head | None:
        if not self._begun:
            raise AssertionError("the application sent data before start_response")
        head, self._head = self._head, None
        self._sent = True
        return head
