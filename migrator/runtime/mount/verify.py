"""The checks before the first request: both applications must agree on what was migrated."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

from migrator.errors import RouteCollision, RouteMismatch

if TYPE_CHECKING:
    from fastapi import FastAPI
    from flask import Flask
    from werkzeug.routing import Rule

    from migrator.runtime.mount.routes import MigratedRoute, RouteTable
    from migrator.runtime.mount.rules import LegacyRules

log = logging.getLogger("migrator.mount")

_STARLETTE = re.compile(r"\{([a-zA-Z_]\w*)(?::([a-zA-Z_]\w*))?\}")
_WERKZEUG = re.compile(r"<(?:([a-zA-Z_]\w*)(?:\([^<>]*\))?:)?([a-zA-Z_]\w*)>")
#: Methods that neither side has to declare.
_IMPLIED = frozenset({"HEAD", "OPTIONS"})


def verify(fastapi_app: FastAPI, flask_app: Flask, table: RouteTable, rules: LegacyRules) -> None:
    """Raises RouteCollision or RouteMismatch for the first thing that can't be meant."""
    own = rules.own()
    _check_documentation(fastapi_app, own)
    if is_converted(fastapi_app):
        by_endpoint: dict[str, list[Rule]] = {}
        for rule in own:
            by_endpoint.setdefault(rule.endpoint, []).append(rule)
        for route in table.routes:
            if route.name in by_endpoint:
                _check_route(route, by_endpoint[route.name])


def is_converted(app: object) -> bool:
    """Whether `app` is a converted application: there a route's name is the legacy endpoint's."""
    compat = sys.modules.get("migrator.runtime.compat")
    kind = getattr(compat, "App", None)
    return kind is not None and isinstance(app, kind)


def _check_documentation(app: FastAPI, own: list[Rule]) -> None:
    pages = {
        "docs_url": app.docs_url,
        "redoc_url": app.redoc_url,
        "openapi_url": app.openapi_url,
    }
    for setting, path in pages.items():
        if path is None:
            continue
        for rule in own:
            if rule.rule == path:
                raise RouteCollision(
                    f"FastAPI serves its documentation at {path!r}, where the legacy application "
                    f"has the endpoint {rule.endpoint!r}.",
                    "FastAPI's page would hide it.",
                    f"Move the documentation, FastAPI({setting}='/api{path}'), "
                    f"or switch it off, FastAPI({setting}=None).",
                )


def _check_route(route: MigratedRoute, rules: list[Rule]) -> None:
    if route.path is None:
        return
    here = _canonical(route.path, _STARLETTE, kind=2, name=1)
    same = [rule for rule in rules if _canonical(rule.rule, _WERKZEUG, kind=1, name=2) == here]
    if not same:
        raise RouteMismatch(
            f"The migrated endpoint {route.name!r} has the path {route.path!r}; in the legacy "
            f"application it is {' or '.join(sorted(repr(rule.rule) for rule in rules))}.",
            "The same endpoint would answer at two places.",
            "Give it the legacy path, or another name if it is meant to be another endpoint.",
        )
    allowed: set[str] = set()
    for rule in same:
        if rule.methods is None:
            return
        allowed |= rule.methods
    extra = sorted((route.methods or set()) - allowed - _IMPLIED)
    if extra:
        raise RouteMismatch(
            f"The migrated endpoint {route.name!r} at {route.path!r} takes {', '.join(extra)}, "
            f"which the legacy application's doesn't ({', '.join(sorted(allowed))}).",
            "Requests that the legacy application answers with 405 would be served.",
            "Give it the legacy methods, or another name if it is meant to be another endpoint.",
        )


def _canonical(path: str, parameter: re.Pattern[str], *, kind: int, name: int) -> str:
    """`path` with its parameters written one way: `{name:kind}`."""

    def written(match: re.Match[str]) -> str:
        converter = (match[kind] or "str").removeprefix("flask_")
        return f"{{{match[name]}:{'str' if converter in {'string', 'default'} else converter}}}"

    return parameter.sub(written, path)
