"""FastAPI's path syntax and Flask's, into each other; routing itself is werkzeug's.

werkzeug's map is what decides (weights, redirects, methods, Unicode digits), so that a converted
application matches as the legacy one did. The Starlette route of each rule is for those who look
at `app.routes`: OpenAPI, the mount's dispatcher, introspection.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from starlette.convertors import CONVERTOR_TYPES, Convertor
from werkzeug.routing import BaseConverter, Map, Rule

FASTAPI_PARAMETER = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-zA-Z_][a-zA-Z0-9_]*))?}")
_FLASK_PARAMETER = re.compile(
    r"<(?:(?P<converter>[a-zA-Z_][a-zA-Z0-9_]*)(?:\((?P<arguments>.*?)\))?:)?"
    r"(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)>"
)

_TO_FLASK = {"str": "default", "flask_path": "path", "path": "starlette_path"}
_TO_STARLETTE = {"default": "str", "string": "str", "path": "flask_path", "starlette_path": "path"}

PYTHON_TYPES: dict[str, type] = {
    "str": str,
    "int": int,
    "float": float,
    "uuid": UUID,
    "path": str,
    "flask_path": str,
}
"""What a view gets for each Starlette convertor."""


class FlaskPathConvertor(Convertor[str]):
    """`{p:flask_path}`: Flask's `<path:p>`, which is never empty and never begins with a slash."""

    regex = "[^/].*?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return str(value)


# Starlette looks convertors up in this process-wide table when a route is made.
CONVERTOR_TYPES.setdefault("flask_path", FlaskPathConvertor())


class StarlettePathConverter(BaseConverter):
    """Starlette's `{p:path}` for hand-written routes: it also matches the empty string."""

    part_isolating = False
    regex = ".*?"
    weight = 300


class CompatRule(Rule):
    """A werkzeug rule that knows whether OPTIONS is answered for it, and its route."""

    provide_automatic_options: bool = False
    route: Any = None


def make_map(map_class: type[Map], host_matching: bool) -> Map:
    """An empty map that understands the converters of both syntaxes."""
    url_map = map_class(host_matching=host_matching)
    url_map.converters["starlette_path"] = StarlettePathConverter
    return url_map


def as_flask_rule(path: str) -> str:
    """`/orders/{order_id:int}` → `/orders/<int:order_id>`; Flask's own syntax stays as it is."""
    if "{" not in path:
        return path

    def replaced(match: re.Match[str]) -> str:
        name, convertor = match.groups()
        converter = _TO_FLASK.get(convertor or "str", convertor)
        return f"<{name}>" if converter == "default" else f"<{converter}:{name}>"

    return FASTAPI_PARAMETER.sub(replaced, path)


def as_fastapi_path(rule: str, url_map: Map) -> str:
    """`/orders/<int:order_id>` → `/orders/{order_id:int}`, as near as Starlette comes to it."""

    def replaced(match: re.Match[str]) -> str:
        converter = match["converter"] or "default"
        convertor = _TO_STARLETTE.get(converter, converter)
        if convertor not in CONVERTOR_TYPES:
            cls = url_map.converters.get(converter)
            isolating = cls is None or cls.part_isolating
            convertor = "str" if isolating else "flask_path"
        return f"{{{match['name']}}}" if convertor == "str" else f"{{{match['name']}:{convertor}}}"

    return _FLASK_PARAMETER.sub(replaced, rule)


def flask_parameters(path: str) -> frozenset[str]:
    """The parameters of a path that are written in Flask's syntax."""
    return frozenset(match["name"] for match in _FLASK_PARAMETER.finditer(path))


def path_parameters(path: str) -> dict[str, str]:
    """The parameters of a FastAPI path with their convertors: `{"order_id": "int"}`."""
    return {name: convertor or "str" for name, convertor in FASTAPI_PARAMETER.findall(path)}


def joined(prefix: str | None, rule: str) -> str:
    """A blueprint's prefix and its rule, with one slash between them."""
    if not prefix:
        return rule
    return "/".join((prefix.rstrip("/"), rule.lstrip("/"))) if rule else prefix
