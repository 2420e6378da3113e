"""What stands before Flask: it knows the documents, the security and the error handlers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from connexion.middleware.swagger_ui import SwaggerUIMiddleware
from connexion.security import SECURITY_HANDLERS


class ConnexionMiddleware:
    def __init__(self, app: Any, security_map: dict[str, Any]) -> None:
        self.app = app
        self.security = {**SECURITY_HANDLERS, **security_map}
        self.documents: list[Any] = []
        self.handlers: dict[type[Exception], Callable[..., Any]] = {}
        self.secured: dict[tuple[str, str], Any] = {}
        self.stack: Any = None

    def _build_middleware_stack(self) -> tuple[Any, list[Any]]:
        shown = SwaggerUIMiddleware(self.app)
        for path in self.documents:
            raw = json.loads(path.read_text())
            self.app.add_api(raw)
            shown.add_api(json.loads(path.read_text()))
            scheme = raw.get("components", {}).get("securitySchemes", {}).get("key")
            for rule, methods in raw["paths"].items():
                for method, content in methods.items():
                    if content.get("security"):
                        verify = self.security["apiKey"]().check(scheme)
                        self.secured[method.upper(), rule.partition("{")[0]] = verify
        return shown, [shown, self.app]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.stack is None:
            self.stack, _ = self._build_middleware_stack()
        if scope["type"] != "http":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        for (method, begin), verify in self.secured.items():
            if scope["method"] == method and scope["path"].startswith(begin):
                key = dict(scope["headers"]).get(b"x-key", b"").decode()
                if await verify(key) is None:
                    await JSONResponse({"status": 401}, 401)(scope, receive, send)
                    return
        try:
            await self.stack(scope, receive, send)
        except Exception as error:
            handler = self.handlers.get(type(error))
            if handler is None:
                raise
            given: Any = (None, error)
            if asyncio.iscoroutinefunction(handler):
                body, status, _ = await handler(*given)
            else:
                body, status, _ = await run_in_threadpool(handler, *given)
            await JSONResponse(json.loads(body), status)(scope, receive, send)
