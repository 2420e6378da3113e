"""What the FastAPI application serves, flat and in the order in which it would be tried.

FastAPI 0.137 and later keep an included router as one opaque route; `iter_route_contexts` opens it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.convertors import Convertor
    from starlette.types import Scope
    from werkzeug.routing import Rule

try:
    from fastapi.routing import iter_route_contexts as _open
except ImportError:  # FastAPI before 0.137: included routes are in the list themselves

    def _open(routes: Sequence[Any]) -> Iterator[Any]:  # type: ignore[misc]
        return iter(routes)


_HOLE = re.compile(r"<[^<>]+>")
_PARAMETER = re.compile(r"\{([^{}:]+)(?::[^{}]*)?\}")


def shape(path: str) -> str:
    """`path` with every parameter reduced to a hole: equal for routes that differ in names only."""
    return _PARAMETER.sub("{}", path)


def rule_shape(rule: Rule) -> str:
    """The same for a Werkzeug rule."""
    return _HOLE.sub("{}", rule.rule)


def route_of_rule(rule: Rule) -> MigratedRoute:
    """The route that a rule of a converted application is."""
    methods = frozenset(rule.methods) if rule.methods is not None else None
    return MigratedRoute(rule.endpoint, rule.rule, rule_shape(rule), methods, rule=rule)


def route_path(scope: Scope) -> str:
    """The path that routes are matched against: without the root path (as Starlette does)."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if not root or not path.startswith(root):
        return path
    if path == root:
        return ""
    return path[len(root) :] if path[len(root)] == "/" else path


@dataclass(frozen=True, slots=True, eq=False)
class MigratedRoute:
    """One path of the FastAPI application.

    `methods` is None when it takes any. `path` is None for what is not one path (a mount, a host,
    a route class of the user's own); `claims` then says whether it takes a request. `rule` is set,
    and `path` in Werkzeug's syntax, for a converted application's.
    """

    name: str
    path: str | None
    shape: str | None
    methods: frozenset[str] | None
    pattern: re.Pattern[str] | None = None
    convertors: Mapping[str, Convertor[Any]] = field(default_factory=dict)
    claims: Callable[[Scope, str, str], bool] | None = None
    rule: Rule | None = None
    #: The route object that this stands for.
    source: object = None
    #: A mount at the root takes every path, so what the legacy application knows comes first.
    catch_all: bool = False

    def matches(self, scope: Scope, path: str, method: str) -> bool:
        """Whether FastAPI would give this route the request `method` `path`."""
        if self.claims is not None:
            return self.claims(scope, path, method)
        assert self.pattern is not None
        return (self.methods is None or method in self.methods) and bool(self.pattern.match(path))


class RouteTable:
    """The HTTP routes of `app` at this moment; `stale` when there are others now."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._fingerprint = _fingerprint(app.routes)
        self.routes: tuple[MigratedRoute, ...] = tuple(_flatten(app.routes))
        self._by_segment, self._anywhere = _indexed(self.routes)

    @property
    def stale(self) -> bool:
        """Whether a route was added, removed or replaced since."""
        return self._fingerprint != _fingerprint(self._app.routes)

    def full_match(self, scope: Scope, path: str, method: str) -> MigratedRoute | None:
        """The route that FastAPI would run for `method` `path`, or None."""
        segment = path[1:].partition("/")[0]
        return first_match(self._by_segment.get(segment, self._anywhere), scope, path, method)


def _indexed(
    routes: Sequence[MigratedRoute],
) -> tuple[dict[str, list[MigratedRoute]], list[MigratedRoute]]:
    """The routes, in their order, by a path's first segment; and those for any other path."""
    segments = [
        None if route.path is None or "{" in (first := route.path[1:].partition("/")[0]) else first
        for route in routes
    ]
    found = {
        key: [
            route for route, segment in zip(routes, segments, strict=True) if segment in {key, None}
        ]
        for key in segments
        if key is not None
    }
    anywhere = [route for route, segment in zip(routes, segments, strict=True) if segment is None]
    return found, anywhere


def first_match(
    routes: Iterable[MigratedRoute], scope: Scope, path: str, method: str
) -> MigratedRoute | None:
    for route in routes:
        if route.matches(scope, path, method):
            return route
    return None


def _fingerprint(routes: Sequence[Any]) -> tuple[Any, ...]:
    print_: list[Any] = list(map(id, routes))
    for route in routes:
        if type(route) in (APIRoute, Route):
            continue
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        nested = getattr(inner, "routes", None)
        if isinstance(nested, list):
            print_.append(_fingerprint(nested))
    return tuple(print_)


def _flatten(routes: Sequence[Any]) -> Iterator[MigratedRoute]:
    route: Any  # a route, or a RouteContext that stands for one
    for route in _open(routes):
        # A route of an included router comes with its prefixes; its class is the original's.
        kind = getattr(route, "original_route", route)
        name = getattr(route, "name", None) or ""
        if isinstance(kind, Route):
            yield MigratedRoute(
                name,
                route.path,
                shape(route.path),
                frozenset(route.methods) if route.methods else None,
                route.path_regex,
                route.param_convertors,
                source=kind,
            )
        elif isinstance(kind, Mount):
            claims = _mounted(route.path_regex, route.app)
            catch_all = not route.path.strip("/")
            yield MigratedRoute(
                name, None, None, None, claims=claims, catch_all=catch_all, source=kind
            )
        elif not isinstance(kind, WebSocketRoute):
            yield MigratedRoute(name, None, None, None, claims=_asked(kind), source=kind)


def _mounted(pattern: re.Pattern[str], app: Any) -> Callable[[Scope, str, str], bool]:
    """A mount takes what its routes take, or all below it when it doesn't say what that is."""
    nested = getattr(app, "routes", None)
    inner = tuple(_flatten(nested)) if isinstance(nested, list) else None

    def claims(scope: Scope, path: str, method: str) -> bool:
        match = pattern.match(path)
        if match is None:
            return False
        if inner is None:
            return True
        below = "/" + match.groupdict()["path"]
        return (
            first_match(inner, {**scope, "path": below, "root_path": ""}, below, method) is not None
        )

    return claims


def _asked(route: BaseRoute) -> Callable[[Scope, str, str], bool]:
    """A host, or a route class of the user's own: only it knows."""
    nested = getattr(getattr(route, "app", None), "routes", None)
    inner = tuple(_flatten(nested)) if isinstance(nested, list) else None

    def claims(scope: Scope, path: str, method: str) -> bool:
        if route.matches({**scope, "method": method})[0] is not Match.FULL:
            return False
        return inner is None or first_match(inner, scope, path, method) is not None

    return claims
