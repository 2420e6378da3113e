"""A stand-in for Flask-OpenAPI3: the classes, decorators and wrapping of views that the codemod and the runtime rely on.

After https://github.com/luolingchun/flask-openapi3, `scaffold.py`, `openapi.py` and `view.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, jsonify, request
from pydantic import BaseModel, ValidationError


def _filled(func: Callable[..., Any], path: dict[str, Any]) -> dict[str, Any]:
    given = {"path": path, "query": request.args.to_dict(), "body": request.get_json(silent=True)}
    hints = inspect.get_annotations(func, eval_str=True)
    return {name: hints[name](**(given[name] or {})) for name in given if name in hints}


def _view(func: Callable[..., Any], cls: type | None = None) -> Callable[..., Any]:
    own = () if cls is None else (cls(),)
    if inspect.iscoroutinefunction(func):

        @wraps(func)
        async def awaited(**path: Any) -> Any:
            return await func(*own, **_filled(func, path))

        return awaited

    @wraps(func)
    def called(**path: Any) -> Any:
        return func(*own, **_filled(func, path))

    return called


class _Scaffold:
    add_url_rule: Callable[..., Any]

    def _ruled(self, rule: str, method: str) -> Callable[[Callable[..., Any]], Any]:
        def decorator(func: Callable[..., Any]) -> Callable[..., Any]:
            view = _view(func)
            self.add_url_rule(rule, view_func=view, methods=[method], endpoint=func.__name__)
            return view

        return decorator

    def get(self, rule: str, *, summary: str = "", responses: Any = None) -> Any:
        return self._ruled(rule, "GET")

    def post(self, rule: str, *, summary: str = "", responses: Any = None) -> Any:
        return self._ruled(rule, "POST")


class APIBlueprint(_Scaffold, Blueprint):  # type: ignore[misc]  # its `get` takes more
    pass


class APIView:
    def __init__(self, url_prefix: str = "") -> None:
        self.prefix = url_prefix
        self.views: list[tuple[str, type]] = []

    def route(self, rule: str) -> Callable[[type], type]:
        def decorator(cls: type) -> type:
            self.views.append((self.prefix + rule, cls))
            return cls

        return decorator

    def doc(self, *, summary: str = "") -> Callable[[Callable[..., Any]], Any]:
        return lambda func: func


class OpenAPI(_Scaffold, Flask):  # type: ignore[misc]  # its `get` takes more
    def __init__(self, import_name: str, *, info: str = "", **kwargs: Any) -> None:
        super().__init__(import_name, **kwargs)
        self.add_url_rule("/openapi.json", "openapi", lambda: {"info": info})
        self.register_error_handler(ValidationError, lambda error: (jsonify(error.title), 422))

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        self.register_blueprint(api, **options)

    def register_api_view(self, api_view: APIView) -> None:
        for rule, cls in api_view.views:
            for method in ("get", "delete"):
                func = getattr(cls, method)
                name = f"{cls.__name__}.{method}".lower().replace(".", "_")
                self.add_url_rule(rule, name, _view(func, cls), methods=[method.upper()])


__all__ = ["APIBlueprint", "APIView", "BaseModel", "OpenAPI"]
