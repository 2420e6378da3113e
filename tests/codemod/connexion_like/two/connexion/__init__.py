"""As much of connexion 2 as a converted application has to do with: documents in JSON, no validation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import flask

from connexion.resolver import Resolver


class _Operation:
    def __init__(self, content: dict[str, Any]) -> None:
        self.operation_id = content["operationId"]


class _Specification:
    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw


class FlaskApp:
    def __init__(
        self, import_name: str, server: str = "flask", specification_dir: str = "", **options: Any
    ) -> None:
        self.import_name = import_name
        self.server_args = options.get("server_args") or {}
        self.resolver = options.get("resolver")
        self.app = self.create_app()
        self.specification_dir = Path(self.app.root_path) / specification_dir

    def create_app(self) -> flask.Flask:
        return flask.Flask(self.import_name, **self.server_args)

    def add_api(self, specification: str, resolver: Any = None) -> Any:
        raw = json.loads((self.specification_dir / specification).read_text())
        resolver = resolver or self.resolver or Resolver()
        resolver = Resolver(resolver) if callable(resolver) else resolver
        scheme = raw.get("components", {}).get("securitySchemes", {}).get("key")
        secure = Resolver().function_resolver(scheme["x-apikeyInfoFunc"]) if scheme else None
        for path, methods in raw["paths"].items():
            for method, content in methods.items():
                function = resolver.resolve(_Operation(content)).function
                view = _view(function, secure if content.get("security") else None)
                rule = path.replace("{", "<").replace("}", ">")
                endpoint = content["operationId"].replace(".", "_")
                self.app.add_url_rule(rule, endpoint, view, methods=[method.upper()])
        api = flask.Blueprint("api", __name__)
        api.specification = _Specification(raw)  # type: ignore[attr-defined]
        self.app.add_url_rule("/openapi.json", "openapi", lambda: api.specification.raw)  # type: ignore[attr-defined]
        return api

    def add_error_handler(self, code: Any, function: Any) -> None:
        self.app.register_error_handler(code, function)


def _view(function: Any, secure: Any) -> Any:
    def view(**arguments: Any) -> Any:
        if secure is not None and secure(flask.request.headers.get("X-Key", "")) is None:
            flask.abort(401)
        if flask.request.is_json:
            arguments["body"] = flask.request.json
        return function(**arguments)

    view.__wrapped__ = function  # type: ignore[attr-defined]
    return view


App = FlaskApp
