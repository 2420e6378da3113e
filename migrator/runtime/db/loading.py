"""Loader options for a place where statements over several classes arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.sql.base import ExecutableOption

T = TypeVar("T")


def options_for(statement: T, options: Mapping[type, Sequence[ExecutableOption]]) -> T:
    """`statement` (a select or a Query) with the options of the one class that it selects.

    As it is where it selects another class, an alias, columns, or several things.
    """
    query: Any = statement
    described = query.column_descriptions
    selected = described[0]["type"] if len(described) == 1 else None
    if not isinstance(selected, type) or described[0]["aliased"]:
        return statement
    chosen = options.get(selected, ())
    result: T = query.options(*chosen) if chosen else statement
    return result
