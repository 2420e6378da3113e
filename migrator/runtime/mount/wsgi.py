"""a2wsgi's middleware with our pool and our responder: the legacy application as an ASGI one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from a2wsgi import WSGIMiddleware

from migrator.runtime.mount.pool import WorkerPool
from migrator.runtime.mount.responder import respond
from migrator.runtime.mount.wsgi_call import WSGIApplication

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class LegacyMiddleware(WSGIMiddleware):
    """Serves a WSGI application over ASGI in `workers` threads.

    What differs from its parent, and why, is in docs/adr/0002-a2wsgi.md. Websockets and lifespan
    are answered as the parent does.
    """

    def __init__(self, app: WSGIApplication, workers: int = 10, buffer: int = 64 * 1024) -> None:
        """`buffer`: how many bytes of one response may wait for its client."""
        super().__init__(cast(Any, app), workers=workers)
        self.wsgi_app = app
        # The parent's pool has no threads yet, so there is nothing to stop.
        self.pool = WorkerPool(workers)
        self.executor: Any = self.pool
        self.buffer = buffer

    async def __call__(  # type: ignore[override]  # Starlette's types for a2wsgi's own
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] == "http":
            await respond(self.wsgi_app, self.pool, self.buffer, scope, receive, send)
        else:
            await super().__call__(cast(Any, scope), cast(Any, receive), cast(Any, send))
