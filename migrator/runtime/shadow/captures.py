"""What a response gives to the requests after it: `json.a.b[0]`, `header.Location`, `status`, `regex:…`."""

from __future__ import annotations

import re
from typing import Any

from . import strictjson
from .model import Response

EXAMPLES = r"`json.items[0].id`, `header.Location`, `status` or `regex:token=(\w+)`"


class NotThere(LookupError):
    """The response does not hold what a step captures."""


def mistake(source: str) -> str:
    """Why no response can give what this source asks for; empty where one can."""
    kind, _, rest = _parts(source)
    if kind == "regex":
        try:
            re.compile(rest)
        except re.error as error:
            return f"This is no regular expression: {error}."
        return ""
    known = {"status": not rest, "header": bool(rest), "json": strictjson.is_path(rest)}
    return "" if known.get(kind) else f"{source!r} is nothing that a response has."


def capture(source: str, response: Response) -> Any:
    """The value that a response holds there. Raises NotThere."""
    kind, _, rest = _parts(source)
    if kind == "status":
        return response.status
    if kind == "header":
        found = response.header(rest)
        if found is None:
            raise NotThere(source)
        return found
    if kind == "regex":
        match = re.search(rest, response.body.decode("utf-8", "replace"))
        if match is None:
            raise NotThere(source)
        return match[1] if match.re.groups else match[0]
    try:
        document = strictjson.parse(response.body)
    except strictjson.NotJSON:
        raise NotThere(source) from None
    value = strictjson.at(document, rest)
    if value is None:
        raise NotThere(source)
    return value


def _parts(source: str) -> tuple[str, str, str]:
    """The kind and what it asks for, a path into JSON as `compare` writes it."""
    if source.startswith("regex:"):
        return source.partition(":")
    if source.startswith("json"):
        return "json", "", f"${source.removeprefix('json')}"
    return source.partition(".")
