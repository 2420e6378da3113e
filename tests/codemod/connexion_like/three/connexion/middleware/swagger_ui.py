"""The documents, as clients are shown them."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, Router


class _Specification:
    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw


class _Shown:
    def __init__(self, raw: dict[str, Any], default: Any) -> None:
        self.specification = _Specification(raw)
        routes = [Route("/openapi.json", self.show), Mount("/ui", Router())]
        self.router = Router(routes, default=default)

    async def show(self, request: Any) -> JSONResponse:
        return JSONResponse(self.specification.raw)


class SwaggerUIMiddleware:
    def __init__(self, app: Any) -> None:
        self.app = app
        self.router = Router(default=app)

    def add_api(self, raw: dict[str, Any]) -> None:
        self.router.mount("", app=_Shown(raw, self.app).router)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.router(scope, receive, send)
