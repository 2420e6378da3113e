"""The legacy application's URL map: what it would do with a path, and what it must learn.

The map is taught the routes that only FastAPI has. Werkzeug then does for both sides together what
it does for one: the more specific rule wins, Allow names every method, a missing slash is a 308,
`url_for` builds, and the application's own hooks and error pages shape the answer. A taught rule
never runs a view (docs/adr/0001-one-url-map.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote, urlsplit

from flask import abort
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import BaseConverter, RequestRedirect, Rule

from migrator.runtime.mount.binding import Binder
from migrator.runtime.mount.overlap import nameless, no_rival
from migrator.runtime.mount.routes import MigratedRoute, rule_shape

if TYPE_CHECKING:
    from flask import Flask
    from starlette.convertors import Convertor
    from starlette.types import Scope

_PARAMETER = re.compile(r"\{([a-zA-Z_]\w*)(?::([a-zA-Z_]\w*))?\}")
#: Starlette's own convertors that mean the same in Werkzeug.
_SAME = {"str": "default", "int": "int", "path": "path", "uuid": "uuid", "float": "float"}


class Verdict(Enum):
    """Who answers a request that a FastAPI route matches."""

    FASTAPI = auto()
    FLASK = auto()


class TaughtRule(Rule):
    """A rule that stands for a route of FastAPI's."""

    provide_automatic_options = True


class LegacyRules:
    """What `app.url_map` says; taught rules included."""

    def __init__(self, app: Flask, *, strict_slashes: bool = True) -> None:
        """`strict_slashes`: whether a path of FastAPI's that lacks its final slash is redirected."""
        self._app = app
        self._map = app.url_map
        self._strict_slashes = strict_slashes
        self._taught: set[tuple[str, frozenset[str] | None]] = set()
        self._twins: dict[MigratedRoute, frozenset[int]] = {}  # ids: rules have no hash
        self._named: set[MigratedRoute] = set()
        self._unrivalled: set[MigratedRoute] = set()
        self.binder = Binder(app.url_map, app.config, subdomain_matching=app.subdomain_matching)

    def own(self) -> list[Rule]:
        """The rules that the legacy application has itself and that match requests."""
        return [
            rule
            for rule in self._map.iter_rules()
            if not isinstance(rule, TaughtRule) and not rule.build_only
        ]

    def websockets(self) -> list[Rule]:
        """The rules that wait for a websocket, which no WSGI server under ASGI can bring."""
        return [rule for rule in self.own() if rule.websocket]

    # ---- asking

    def decide(self, route: MigratedRoute, scope: Scope, path: str) -> Verdict:
        """Who answers `path`, which FastAPI's `route` matches in full.

        FastAPI, unless the legacy application has a more specific rule for it that `route` does
        not replace, or has the very endpoint under `route`'s name and would not have run it.
        """
        if route in self._unrivalled and scope["method"] != "OPTIONS":
            return Verdict.FASTAPI
        try:
            rule, _ = self.binder.for_matching(scope).match(
                path, method=scope["method"], return_rule=True
            )
        except RequestRedirect as redirect:
            # Of a missing slash FastAPI's own path is the answer; of `defaults=` or an alias the
            # legacy application's canonical URL is.
            return Verdict.FASTAPI if _same_path(redirect.new_url, path) else Verdict.FLASK
        except MethodNotAllowed:
            return Verdict.FASTAPI
        except HTTPException:
            return Verdict.FLASK if route in self._named else Verdict.FASTAPI
        if isinstance(rule, TaughtRule) or id(rule) in self._twins.get(route, ()):
            return Verdict.FASTAPI
        if route.path is None and not route.catch_all:
            return Verdict.FASTAPI  # a mount or host was put there on purpose
        return Verdict.FLASK

    def rule_for(self, path: str) -> Rule | None:
        """The legacy application's own rule that would serve a GET of `path` on any host."""
        adapter = self._map.bind("localhost", subdomain=None if self._map.host_matching else "")
        try:
            rule, _ = adapter.match(path, method="GET", return_rule=True)
        except HTTPException:
            return None
        return None if isinstance(rule, TaughtRule) else rule

    def allowed(self, scope: Scope, path: str) -> set[str]:
        """Every method that the map has for `path`."""
        return set(self.binder.for_matching(scope).allowed_methods(path))

    # ---- teaching

    def teach(self, routes: Iterable[MigratedRoute]) -> None:
        """Learn which rules `routes` replace; add a rule for what the map does not have yet."""
        own = self.own()
        endpoints = {rule.endpoint for rule in own}
        shapes = {id(rule): rule_shape(rule) for rule in own}
        bare = {id(rule): nameless(rule.rule) for rule in own}
        rivals = self._unmigrated(own, bare, routes)
        self._twins, self._named, self._unrivalled = {}, set(), set()
        for route in routes:
            if route.path is None:
                continue
            mine = self._translated(route)
            alike = [rule for rule in own if shapes[id(rule)] == route.shape]
            named = [rule for rule in alike if rule.endpoint == route.name]
            exact = [rule for rule in alike if bare[id(rule)] == nameless(mine)]
            twins = named or exact or alike
            self._twins[route] = frozenset(map(id, twins))
            if named:
                self._named.add(route)
            # Of the very endpoint the legacy rule may match less than the route does.
            same = all(bare[id(rule)] == nameless(mine) for rule in named)
            if same and no_rival(mine, route.methods, twins, rivals):
                self._unrivalled.add(route)
            methods = _missing(route.methods, named or exact)
            if methods == frozenset() or (route.path, methods) in self._taught:
                continue
            self._taught.add((route.path, methods))
            self._add(route, methods, route.name in endpoints)

    def _add(self, route: MigratedRoute, methods: frozenset[str] | None, taken: bool) -> None:
        endpoint = route.name
        if not endpoint or taken:
            endpoint = f"migrated:{route.name or route.path}"
        options: dict[str, Any] = {"strict_slashes": self._strict_slashes}
        if route.rule is not None:
            options |= self._options(route.rule)
        rule = TaughtRule(
            self._translated(route),
            endpoint=endpoint,
            methods=None if methods is None else {*methods, "OPTIONS"},
            **options,
        )
        self._map.add(rule)
        # Reached only where Werkzeug and FastAPI disagree about what a parameter takes.
        self._app.view_functions.setdefault(endpoint, _not_here)

    def _options(self, rule: Rule) -> dict[str, Any]:
        """What a converted rule was declared with; its converters are made known as well."""
        for name, converter in rule.map.converters.items():
            self._map.converters.setdefault(name, converter)
        return {
            "strict_slashes": bool(rule.strict_slashes) and self._strict_slashes,
            "merge_slashes": rule.merge_slashes,
            "defaults": rule.defaults,
            "subdomain": rule.subdomain,
            "host": rule.host,
        }

    def _unmigrated(
        self, own: list[Rule], bare: dict[int, str], routes: Iterable[MigratedRoute]
    ) -> list[Rule]:
        """The rules that may take a request from a route.

        Not those that a converted application has as well: its own map has weighed them already.
        """
        converted = {
            (route.name, nameless(route.rule.rule), method)
            for route in routes
            if route.rule is not None
            for method in route.methods or ()
        }
        return [
            rule
            for rule in own
            if not rule.methods
            or any((rule.endpoint, bare[id(rule)], m) not in converted for m in rule.methods)
            or rule.defaults
            or rule.alias
            or rule.redirect_to
        ]

    def _translated(self, route: MigratedRoute) -> str:
        assert route.path is not None
        if route.rule is not None:
            return route.path

        def parameter(match: re.Match[str]) -> str:
            name, kind = match[1], match[2] or "str"
            same = _SAME.get(kind)
            if same is None:
                same = f"migrated_{kind}"
                self._map.converters.setdefault(same, _converter(route.convertors[name]))
            return f"<{name}>" if same == "default" else f"<{same}:{name}>"

        return _PARAMETER.sub(parameter, route.path)


def _converter(convertor: Convertor[Any]) -> type[BaseConverter]:
    """Werkzeug's counterpart of a Starlette convertor."""
    pattern = convertor.regex

    class Converter(BaseConverter):
        regex = pattern
        part_isolating = re.fullmatch(pattern, "a/b") is None

        def to_python(self, value: str) -> Any:
            return convertor.convert(value)

        def to_url(self, value: Any) -> str:
            return super().to_url(convertor.to_string(value))

    return Converter


def _missing(methods: frozenset[str] | None, rules: list[Rule]) -> frozenset[str] | None:
    """Those of `methods` that none of `rules` has; None for "any"."""
    if any(rule.methods is None for rule in rules):
        return frozenset()
    if methods is None:
        return None
    have: set[str] = {"OPTIONS"}
    for rule in rules:
        have |= rule.methods or set()
    return methods - have


def _same_path(url: str, path: str) -> bool:
    """Whether `url` leads to `path` but for slashes."""
    target = unquote(urlsplit(url).path)
    return re.sub("/+", "/", target).strip("/") == re.sub("/+", "/", path).strip("/")


def _not_here(**values: object) -> NoReturn:
    abort(404)
