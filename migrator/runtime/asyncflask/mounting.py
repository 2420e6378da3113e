"""`mount_asyncflask`: FastAPI in front, the converted application behind it, the legacy one for the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.routing import Match
from werkzeug.routing import BuildError

from migrator.runtime.asyncflask.app import AsyncFlask
from migrator.runtime.mount import MountedApplication, mount_legacy

if TYPE_CHECKING:
    from flask import Flask
    from starlette.types import Receive, Scope, Send

    from migrator.runtime.mount.urls import LegacyUrls


def mount_asyncflask(
    legacy: Flask | Callable[[], Flask] | str, converted: AsyncFlask, **options: Any
) -> MountedApplication:
    """The ASGI application for `asgi.py`; `options` are those of `mount_legacy`.

    Path operations of its `fastapi_app` come first, then every rule of `converted`, then the
    `legacy` application in worker threads. `url_for` reaches the endpoints of both on both sides.
    Raises what `mount_legacy` raises.
    """
    return mount_legacy(legacy, Front(converted), **options)


class Front(FastAPI):
    """A FastAPI application that answers its own path operations and leaves the rest to Flask."""

    foreign_first = True
    """For the mount's table: routes registered with FastAPI come before the rules of the URL map."""
    url_build_fallback: LegacyUrls | None = None
    flask_context: Any = None

    def __init__(self, wrapped: AsyncFlask) -> None:
        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            try:
                yield
            finally:
                await wrapped.dispose_database()

        super().__init__(
            title=wrapped.name, openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan
        )
        self.wrapped = wrapped
        self.url_map = wrapped.url_map
        self.config = wrapped.config
        self.import_name = wrapped.import_name
        self.app_context = wrapped.app_context
        self.subdomain_matching = wrapped.subdomain_matching
        wrapped.url_build_error_handlers.append(self._build_legacy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(scope):
            await self.wrapped(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self.router.routes)

    def _build_legacy(self, error: Exception, endpoint: str, values: dict[str, Any]) -> str:
        """The URL of an endpoint that only the legacy application has; raises `error` for others."""
        assert isinstance(error, BuildError)
        values = dict(values)
        url = self.url_build_fallback and self.url_build_fallback(
            endpoint,
            anchor=values.pop("_anchor", None),
            method=values.pop("_method", None),
            scheme=values.pop("_scheme", None),
            external=values.pop("_external", None),
            values=values,
        )
        if not url:
            raise error
        return url
