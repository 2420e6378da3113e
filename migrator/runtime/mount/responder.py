"""One request to a WSGI application, answered over ASGI.

Ours and not a2wsgi's, because a2wsgi's responder cannot be told from outside that the client has
left, and blocks its thread for good when nobody takes what it sends (docs/adr/0002-a2wsgi.md).
"""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

from migrator.runtime.left_open import context_of_a_request
from migrator.runtime.mount.environ import Environ, make_environ, may_have_body
from migrator.runtime.mount.exchange import ClientGone, Exchange
from migrator.runtime.mount.upload import Upload
from migrator.runtime.mount.wsgi_call import WSGIApplication, WSGICall, as_exception
from migrator.runtime.told import get_logger

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from migrator.runtime.mount.pool import WorkerPool

log = get_logger("migrator.mount")

#: How much of an upload is read at once.
_READ = 64 * 1024


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
    body = io.BufferedReader(upload, _READ) if may_have_body(scope) else io.BytesIO()
    run = _Run(app, make_environ(scope, body), exchange)
    context = context_of_a_request()
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


class _Run(WSGICall):
    """The worker thread's half: calls the application once and passes on what it answers."""

    def __init__(self, app: WSGIApplication, environ: Environ, exchange: Exchange) -> None:
        super().__init__(app, environ, exchange)
        self._exchange = exchange

    def __call__(self) -> None:
        error: BaseException | None = None
        try:
            if not self._exchange.aborted:  # it may have left while it was queued
                self.serve()
        except ClientGone:
            pass
        except BaseException as raised:
            if self.complete or self._exchange.aborted:  # nobody is there to be told
                log.exception("The legacy application failed after its response")
            else:
                error = as_exception(raised)
        self._exchange.finish(error)
