"""A value spelled out as plain data: its `repr` is the same exactly where the value is."""

from __future__ import annotations

import ast
import dataclasses
from functools import cache
from typing import Any

_ATOMS = frozenset({str, int, float, bytes, bool, type(None)})


class Unspeakable(Exception):
    """A value whose text does not say all of it."""


def spelled(value: Any) -> Any:
    """The value's parts. Raises Unspeakable where there is more to it."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if isinstance(value, tuple | list):
        return (kind.__name__, *map(spelled, value))
    if isinstance(value, dict):
        # In order: a rule may go by it.
        return ("dict", *((spelled(k), spelled(v)) for k, v in value.items()))
    names = _fields(kind)  # type: ignore[arg-type]  # a class
    if names is not None:
        return (kind.__name__, *(spelled(getattr(value, name)) for name in names))
    if isinstance(value, frozenset | set):
        return ("set", *sorted(map(repr, map(spelled, value))))
    if isinstance(value, ast.AST):
        return ("ast", ast.dump(value, include_attributes=True))
    if isinstance(value, str | int | float | bytes):
        return value
    raise Unspeakable


@cache
def _fields(kind: type[Any]) -> tuple[str, ...] | None:
    """The names of a dataclass' fields; None of another class."""
    return (
        tuple(f.name for f in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None
    )
