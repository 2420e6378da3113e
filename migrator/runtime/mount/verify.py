"""The checks before the first request: both applications must agree on what was migrated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from migrator.errors import RouteCollision, RouteMismatch, SessionsApart
from migrator.runtime.mount.converted import ConvertedTable
from migrator.runtime.told import get_logger

if TYPE_CHECKING:
    from fastapi import FastAPI
    from flask import Flask
    from werkzeug.routing import Rule

    from migrator.runtime.mount.routes import MigratedRoute, RouteTable
    from migrator.runtime.mount.rules import LegacyRules

log = get_logger("migrator.mount")

_PLAIN = re.compile("<(?:string|default):")
#: Methods that neither side has to declare.
_IMPLIED = frozenset({"HEAD", "OPTIONS"})


def verify_sessions(flask_app: Flask, converted: Any) -> None:
    """Raises SessionsApart where a session of one side is none on the other."""
    for setting in ("SECRET_KEY", "SESSION_COOKIE_NAME"):
        legacy, target = (_text(app.config.get(setting)) for app in (flask_app, converted))
        if legacy and target and legacy != target:
            raise SessionsApart(
                f"The two applications have another {setting} each.",
                "Who is logged in on one side would be nobody on the other, and a form of the one "
                "would be refused by the other.",
                "Set it from one place. Where each application makes it by itself, make the "
                "converted one inside `with settings_of(legacy):`, as asgi.py does.",
            )


def _text(setting: object) -> object:
    return setting.decode("latin-1") if isinstance(setting, bytes) else setting


def verify(fastapi_app: FastAPI, table: RouteTable, rules: LegacyRules) -> None:
    """Raises RouteCollision or RouteMismatch for the first thing that can't be meant."""
    own = rules.own()
    _check_documentation(fastapi_app, rules)
    if isinstance(table, ConvertedTable):
        by_endpoint: dict[str, list[Rule]] = {}
        for rule in own:
            by_endpoint.setdefault(rule.endpoint, []).append(rule)
        for route in table.routes:
            if route.rule is not None and route.name in by_endpoint:
                _check_route(route, by_endpoint[route.name])


def _check_documentation(app: FastAPI, rules: LegacyRules) -> None:
    own = rules.own()
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
        hidden = rules.rule_for(path)
        if hidden is not None:
            log.warning(
                "FastAPI's documentation at %s hides what the legacy application serves there "
                "by %r",
                path,
                hidden.rule,
            )


def _check_route(route: MigratedRoute, rules: list[Rule]) -> None:
    if route.path is None:
        return
    here = _canonical(route.path)
    same = [rule for rule in rules if _canonical(rule.rule) == here]
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


def _canonical(rule: str) -> str:
    """`rule` with the two ways to write a plain parameter made one."""
    return _PLAIN.sub("<", rule)
