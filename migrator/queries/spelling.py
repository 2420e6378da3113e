"""Values of frozen data spelled the same in every process, and sets of them in that order."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")


@lru_cache(maxsize=1 << 15)
def ordered(options: frozenset[T]) -> tuple[T, ...]:
    """The options in the order of their spelling."""
    return tuple(sorted(options, key=_known))


@lru_cache(maxsize=1 << 15)
def _known(option: object) -> str:
    return spelled(option)


def spelled(value: object) -> str:
    """`repr` with the items of a set in order: that of a set depends on the hash seed."""
    match value:
        case frozenset() | tuple():
            items = [spelled(item) for item in value]
            return f"({', '.join(sorted(items) if isinstance(value, frozenset) else items)})"
        case _ if is_dataclass(value):
            inner = (f"{f.name}={spelled(getattr(value, f.name))}" for f in fields(value))
            return f"{type(value).__name__}({', '.join(inner)})"
    return repr(value)
