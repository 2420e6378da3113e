"""The route decorators of App and Blueprint: FastAPI's names and arguments, Flask's meaning."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from .scaffold import Scaffold

F = TypeVar("F", bound=Callable[..., Any])

_RULE_OPTIONS = frozenset(
    {
        "defaults",
        "subdomain",
        "strict_slashes",
        "merge_slashes",
        "redirect_to",
        "host",
        "build_only",
        "alias",
        "websocket",
    }
)


class Routes(Scaffold):
    """`get`, `post`, …, `route`, `api_route`, `add_api_route`.

    Besides FastAPI's arguments they take those of a werkzeug rule (`defaults`, `strict_slashes`, …)
    and Flask's `endpoint` as another name of `name`. Paths may be in either syntax. A `plain` view
    is called with the URL's values and nothing else, whatever its parameters look like: a decorator
    or a hook gives it the others. Those of `route` and `add_url_rule`, Flask's names, all are.
    """

    def add_api_route(  # type: ignore[override,unused-ignore]
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[Any] | None = None,
        name: str | None = None,
        plain: bool = False,
        **options: Any,
    ) -> None:
        """Register a view as FastAPI's method of this name does."""
        rule_options = {key: options.pop(key) for key in list(options) if key in _RULE_OPTIONS}
        self.add_view(
            path,
            endpoint,
            endpoint=name,
            methods=methods,
            provide_automatic_options=options.pop("provide_automatic_options", None),
            rule_options=rule_options,
            fastapi_options=options,
            plain=plain,
        )

    def api_route(
        self,
        path: str,
        *,
        methods: Collection[Any] | None = None,
        name: str | None = None,
        endpoint: str | None = None,
        **options: Any,
    ) -> Callable[[F], F]:
        """Register a view for several methods (GET alone by default)."""

        def decorator(f: F) -> F:
            self.add_api_route(path, f, methods=methods, name=name or endpoint, **options)
            return f

        return decorator

    def route(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Flask's name of `api_route`, with Flask's meaning of the view's parameters."""
        return self.api_route(rule, **{"plain": True, **options})

    def get(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["GET"], **options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["POST"], **options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["PUT"], **options)

    def patch(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["PATCH"], **options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["DELETE"], **options)

    def options(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["OPTIONS"], **options)

    def head(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["HEAD"], **options)

    def trace(self, path: str, **options: Any) -> Callable[[F], F]:
        return self.api_route(path, methods=["TRACE"], **options)
