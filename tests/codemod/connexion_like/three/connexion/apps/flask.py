"""The ASGI application around Flask, whose worker threads are the legacy side's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import flask
from a2wsgi import WSGIMiddleware
from asgiref.sync import async_to_sync

from connexion.middleware import ConnexionMiddleware
from connexion.resolver import by_name


class _Operation:
    def __init__(self, content: dict[str, Any]) -> None:
        self.operation_id = content["operationId"]
        self._fn = by_name(self.operation_id)

    def __call__(self, **arguments: Any) -> Any:
        if flask.request.is_json:
            arguments["body"] = flask.request.json
        if asyncio.iscoroutinefunction(self._fn):
            return async_to_sync(self._fn)(**arguments)
        return self._fn(**arguments)


class FlaskApi:
    def __init__(self, raw: dict[str, Any]) -> None:
        self.blueprint = flask.Blueprint("api", __name__)
        for path, methods in raw["paths"].items():
            for method, content in methods.items():
                rule = path.replace("{", "<").replace("}", ">")
                endpoint = content["operationId"].replace(".", "_")
                operation = self.make_operation(content)
                self.blueprint.add_url_rule(rule, endpoint, operation, methods=[method.upper()])

    def make_operation(self, operation: dict[str, Any]) -> Any:
        return _Operation(operation)


class FlaskASGIApp:
    def __init__(self, import_name: str, server_args: dict[str, Any]) -> None:
        self.app = flask.Flask(import_name, **server_args)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.asgi_app: Any = WSGIMiddleware(self.app.wsgi_app)

    def add_api(self, raw: dict[str, Any]) -> Any:
        self.app.register_blueprint(FlaskApi(raw).blueprint)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.asgi_app(scope, receive, send)


class FlaskApp:
    _middleware_app: FlaskASGIApp

    def __init__(
        self,
        import_name: str,
        *,
        server_args: dict[str, Any] | None = None,
        specification_dir: str = "",
        security_map: dict[str, Any] | None = None,
    ) -> None:
        self._middleware_app = FlaskASGIApp(import_name, server_args or {})
        self.middleware = ConnexionMiddleware(self._middleware_app, security_map or {})
        self.app = self._middleware_app.app
        self.specification_dir = Path(self.app.root_path) / specification_dir

    def add_api(self, specification: str) -> None:
        self.middleware.documents.append(self.specification_dir / specification)

    def add_error_handler(self, code: Any, function: Any) -> None:
        self.middleware.handlers[code] = function

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.middleware(scope, receive, send)
