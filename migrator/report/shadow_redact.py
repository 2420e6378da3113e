"""Credentials shortened: a report is passed around, and what it was made from need not be."""

from __future__ import annotations

from collections.abc import Iterable

_SECRET = {"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"}
_SHOWN = 24


def redacted(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers; of a credential's value only the beginning, of Set-Cookie all attributes."""
    return [(name, _short(name.lower(), value)) for name, value in headers]


def _short(name: str, value: str) -> str:
    if name not in _SECRET:
        return value
    first, mark, attributes = value, "", ""
    if name == "set-cookie":
        first, mark, attributes = value.partition(";")
    shown = f"{first[:_SHOWN]}…" if len(first) > _SHOWN else first
    return f"{shown}{mark}{attributes}"
