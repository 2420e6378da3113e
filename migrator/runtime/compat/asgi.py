"""The ASGI entrance: user middleware outside, then Flask's way for HTTP, FastAPI's for the rest."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from migrator.runtime.ending import end_as_python_does

from . import development
from .context import AppContext, _app_context
from .serve import Receive, Scope, Send, Serve

if TYPE_CHECKING:
    from .app import App


class Asgi(Serve, FastAPI):
    """A FastAPI application whose innermost layer is `Serve`."""

    def run(
        self,
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        **options: Any,
    ) -> None:
        """Serve with uvicorn, for development; its options are taken, Flask's are not.

        Raises MissingExtra without uvicorn.
        """
        if debug is not None:
            self.config["DEBUG"] = debug
        development.serve(self, host, port, **options)

    def build_middleware_stack(self) -> ASGIApp:
        handlers = dict(self.exception_handlers)
        server_error = handlers.pop(Exception, None) or handlers.pop(500, None)
        handlers.pop(500, None)
        inner: Any = ExceptionMiddleware(
            AsyncExitStackMiddleware(_handle_native), handlers=handlers, debug=False
        )
        self.native_stack = inner
        self._websocket_stack: Any = ExceptionMiddleware(
            AsyncExitStackMiddleware(self.router), handlers=handlers, debug=False
        )
        app: Any = self._innermost
        for middleware, args, kwargs in reversed(self.user_middleware):
            app = middleware(app, *args, **kwargs)
        if server_error is not None:
            app = ServerErrorMiddleware(app, handler=server_error, debug=False)
        stack: ASGIApp = app
        return stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Starlette's, or what an agent of a monitoring service has put in its place.

        FastAPI's takes `root_path` for a part of the URL; here it is a folder, as in Flask.
        """
        await Starlette.__call__(self, scope, receive, send)

    async def _innermost(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.serve_http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send)
        else:
            await self._serve_lifespan(scope, receive, send)

    async def _serve_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """FastAPI's lifespan; after it, the connections of this event loop are closed."""

        async def send_on(message: MutableMapping[str, Any]) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                await cast("App", self).dispose_database()
                end_as_python_does()
            await send(message)

        await self.router(scope, receive, send_on)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """FastAPI's websocket routes, with `current_app`, `g` and `db.session`."""
        token = _app_context.set(AppContext(cast("App", self)))
        try:
            database = self.database_scope()
            if database is None:
                await self._websocket_stack(scope, receive, send)
            else:
                async with database:
                    await self._websocket_stack(scope, receive, send)
        finally:
            _app_context.reset(token)


async def _handle_native(scope: Scope, receive: Receive, send: Send) -> None:
    await scope["migrator.handle"](scope, receive, send)
