"""Pure query builders: what the sync and the async repository ask, in one place.

Each gives a `Select`; none touches a database.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, exists, func, literal_column, select
from sqlalchemy.orm import lazyload

M = TypeVar("M")


def every(model: type[M]) -> Select[Any]:
    """All rows of `model`."""
    return select(model)


def matching(model: type[M], *criteria: Any, **equal: Any) -> Select[Any]:
    """The rows for which all `criteria` hold and the columns named in `equal` have that value."""
    named = [getattr(model, name) == value for name, value in equal.items()]
    return select(model).where(*criteria, *named)


def first_of(statement: Select[Any]) -> Select[Any]:
    """Its first row."""
    return statement.limit(1)


def page_of(statement: Select[Any], page: int, per_page: int) -> Select[Any]:
    """Its rows on `page`, counted from 1."""
    return statement.limit(per_page).offset((page - 1) * per_page)


def count_of(statement: Select[Any]) -> Select[Any]:
    """How many rows it has, by the count that a legacy Query makes."""
    plain = statement.order_by(None)
    if any(column.get("entity") is not None for column in statement.column_descriptions):
        plain = plain.options(lazyload("*"))
    return select(func.count(literal_column("*"))).select_from(plain.correlate(None).subquery())


def exists_in(statement: Select[Any]) -> Select[Any]:
    """Whether it has a row."""
    return select(exists(statement.order_by(None)))
