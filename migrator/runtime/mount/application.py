"""The ASGI application that serves both: what FastAPI matches in full is FastAPI's, the rest Flask's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal

from migrator.errors import MigratorError
from migrator.runtime.db.bridge import bridge
from migrator.runtime.ending import end_as_python_does
from migrator.runtime.mount.answers import merging_allow, without_body
from migrator.runtime.mount.converted import ConvertedTable, is_converted
from migrator.runtime.mount.loggers import share_settings
from migrator.runtime.mount.matching import Matching
from migrator.runtime.mount.receivers import keep_apart
from migrator.runtime.mount.routes import MigratedRoute, RouteTable, route_path
from migrator.runtime.mount.rules import LegacyRules, Verdict
from migrator.runtime.mount.shared_context import shared_contexts
from migrator.runtime.mount.urls import LegacyUrls, current_scope
from migrator.runtime.mount.verify import verify, verify_sessions
from migrator.runtime.mount.wsgi import LegacyMiddleware
from migrator.runtime.told import get_logger

if TYPE_CHECKING:
    from fastapi import FastAPI
    from flask import Flask
    from starlette.types import Message, Receive, Scope, Send

log = get_logger("migrator.mount")

SlashPolicy = Literal["redirect", "strict"]


class MountedApplication:
    """Serves `fastapi_app` and, for all that it doesn't match, `flask_app`.

    Made by `mount_legacy`. Middleware of either application sees that side's requests only; what
    both need goes around this one.
    """

    def __init__(
        self,
        flask_app: Flask,
        fastapi_app: FastAPI,
        *,
        workers: int,
        slash_policy: SlashPolicy,
        check: bool,
        buffer_size: int,
        shutdown_timeout: float,
        live: Callable[[str], bool] | None = None,
    ) -> None:
        self.flask_app = flask_app
        self.fastapi_app = fastapi_app
        self.legacy = LegacyMiddleware(flask_app, workers, buffer_size)
        self._check = check
        self._live = live
        self._shutdown_timeout = shutdown_timeout
        self._rules = LegacyRules(flask_app, strict_slashes=slash_policy == "redirect")
        self._said: set[tuple[str, str]] = set()
        self._converted = is_converted(fastapi_app)
        if self._converted:
            fastapi_app.url_build_fallback = LegacyUrls(flask_app, self._rules.binder)  # type: ignore[attr-defined]  # compat.App has it
            fastapi_app.flask_context = shared_contexts(flask_app)  # type: ignore[attr-defined]  # and this
            names = flask_app.import_name, fastapi_app.import_name  # type: ignore[attr-defined]  # and this
            share_settings(*names)
            keep_apart(*names)
        converted: Any = fastapi_app
        self._in_target = Matching(
            converted.app_context if self._converted else nullcontext, bridge
        )
        self._in_legacy = Matching(flask_app.app_context, asyncio.to_thread)
        self._asking = Matching(flask_app.app_context, asyncio.to_thread)
        self._learn()
        for rule in self._rules.websockets():
            log.warning(
                "%s waits for a websocket, which the legacy side can't get: migrate it first",
                rule.rule,
            )

    def _learn(self) -> None:
        table = self._read()
        if self._check:
            verify(self.fastapi_app, table, self._rules)
            if self._converted:
                verify_sessions(self.flask_app, self.fastapi_app)
        self._rules.teach(table.routes)
        self._table = table

    def _read(self) -> RouteTable:
        kind = ConvertedTable if self._converted else RouteTable
        return kind(self.fastapi_app)

    # ---- ASGI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        else:  # a websocket that FastAPI doesn't know is refused by FastAPI
            await self.fastapi_app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._table.stale:
            self._relearn()
        path, method = route_path(self._seen_by_fastapi(scope)), scope["method"]
        route = await self._in_target(self._table.full_match, scope, path, method)
        headless = route is None and method == "HEAD"
        if headless:
            route = await self._in_target(self._table.full_match, scope, path, "GET")
        if (
            route is None
            or not await self._is_live(route.name)
            or not await self._in_legacy(self._is_fastapis, route, scope, path)
        ):
            await self.legacy(scope, receive, send)
            return
        if headless:
            scope, send = {**scope, "method": "GET"}, without_body(send)
        elif method == "OPTIONS":
            send = merging_allow(send, await self._in_legacy(self._rules.allowed, scope, path))
        token = current_scope.set(scope)
        try:
            await self.fastapi_app(scope, receive, send)
        finally:
            current_scope.reset(token)

    def _seen_by_fastapi(self, scope: Scope) -> Scope:
        # In a converted application `root_path` is a folder, as in Flask.
        if self._converted or not self.fastapi_app.root_path:
            return scope
        return {**scope, "root_path": self.fastapi_app.root_path}

    async def _is_live(self, endpoint: str) -> bool:
        if self._live is None:
            return True
        try:
            return await self._asking(self._live, endpoint)
        except Exception as error:
            # Whatever it reads may be gone for a moment: Flask has always answered.
            log.error("`live` failed for %r, and Flask answers", endpoint, exc_info=error)
            return False

    def _is_fastapis(self, route: MigratedRoute, scope: Scope, path: str) -> bool:
        if self._rules.decide(route, scope, path) is Verdict.FASTAPI:
            return True
        key = (scope["method"], route.name)
        if key not in self._said:
            self._said.add(key)
            log.warning(
                "%s %s matches the FastAPI route %r, but the legacy application has a rule of its "
                "own for this path and serves it (said once per route)",
                scope["method"],
                path,
                route.name,
            )
        return False

    def _relearn(self) -> None:
        """Routes were added while serving: they count, but can no longer stop the start."""
        try:
            self._learn()
        except MigratorError as error:
            log.error("A route added while serving does not fit: %s", error)
            self._table = self._read()
            self._rules.teach(self._table.routes)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """FastAPI's lifespan; the checks before it, the end of the worker threads after it."""
        try:
            self._learn()
        except MigratorError as error:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return

        async def forward(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                await self.aclose()
                end_as_python_does()
            await send(message)

        await self.fastapi_app(scope, receive, forward)

    async def aclose(self) -> None:
        """End the worker threads; work that outlasts the shutdown timeout is left and logged."""
        import anyio.to_thread

        await anyio.to_thread.run_sync(self.legacy.pool.close, self._shutdown_timeout)
