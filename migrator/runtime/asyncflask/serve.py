"""One request over ASGI: the whole WSGI call of Flask in one greenlet on the event loop."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from sqlalchemy.util.concurrency import await_only

from migrator.runtime.asyncflask.body import Incoming
from migrator.runtime.compat.streaming import until_disconnect
from migrator.runtime.db.bridge import bridge
from migrator.runtime.mount.environ import make_environ, may_have_body
from migrator.runtime.mount.exchange import ClientGone, Head
from migrator.runtime.mount.wsgi_call import WSGIApplication, WSGICall, as_exception
from migrator.runtime.told import get_logger

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

log = get_logger("migrator.asyncflask")


async def serve_http(app: WSGIApplication, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the HTTP request `scope` by `app`.

    A client that leaves ends a streamed response at its next part: the generator is closed. What
    `app` raises before the response is complete is raised here (SystemExit as RuntimeError).
    """
    incoming = Incoming(receive, None if may_have_body(scope) else b"")
    try:
        await incoming.fetch_small(scope)
    except ClientGone:
        return
    environ = make_environ(scope, io.BufferedReader(incoming))
    failure: BaseException | None = None
    async with AsyncExitStack() as stack:

        async def watch() -> Send:
            return await stack.enter_async_context(until_disconnect(scope, receive, send))

        call = WSGICall(app, environ, _Outlet(send, incoming, watch))
        try:
            await bridge(call.serve)
        except ClientGone:
            pass
        except asyncio.CancelledError:
            raise
        except BaseException as raised:
            if call.complete and isinstance(raised, Exception):
                log.exception("The application failed after its response")
            else:
                failure = raised
    if failure is not None:
        raise as_exception(failure)


class _Outlet:
    """Sends from inside the greenlet, which waits for a slow client."""

    aborted = False  # leaving is an exception here, raised where the greenlet waits

    def __init__(
        self, send: Send, incoming: Incoming, watch: Callable[[], Awaitable[Send]]
    ) -> None:
        self._send = send
        self._incoming = incoming
        self._watch = watch
        self._watching = False

    def write(self, head: Head | None, data: bytes) -> None:
        await_only(self._pass_on(head, data, final=False))

    def complete(self, head: Head | None, data: bytes) -> None:
        await_only(self._pass_on(head, data, final=True))

    async def _pass_on(self, head: Head | None, data: bytes, *, final: bool) -> None:
        # What is received before the body has come is the body's, not a departure.
        if not final and not self._watching and self._incoming.complete:
            self._watching = True
            self._send = await self._watch()
        try:
            if head is not None:
                await self._send(
                    {
                        "type": "http.response.start",
                        "status": head.status,
                        "headers": head.headers,
                    }
                )
            await self._send({"type": "http.response.body", "body": data, "more_body": not final})
        except OSError as error:  # the ASGI way to say that the client has left
            raise ClientGone from error
        if not final:
            # A fast generator must not keep the loop for itself.
            await asyncio.sleep(0)
