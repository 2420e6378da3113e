"""A query that a function returns, as a test runs it: the function returns a select by now.

A test has `unpaid_orders().all()`, or a loop over it. What the application gets back of it, as an
argument or in an attribute, is the select that it was; only test modules are given this class, so
that code of the application which takes a select for a query fails in a test as in production.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Query as OrmQuery
from sqlalchemy.sql import visitors

from migrator.runtime.db.query import Query

# A select() renders its columns, and loads what it has, in other ways than a Query.
_OF_SELECT = frozenset({"_compile_options", "_label_style"})


def runnable(statement: Select[Any]) -> Select[Any]:
    """A copy that a test can run as the query that it was, where its model has a `query`."""
    if isinstance(statement, _Runnable) or _model_of(statement) is None:
        return statement
    copy: Any = statement._clone()
    copy.__class__ = _Runnable
    made: Select[Any] = copy
    return made


class _Runnable(Select[Any]):
    """A select with the methods of a legacy Query that a select has not."""

    inherit_cache = True

    def __getattr__(self, name: str) -> Any:
        known = getattr(_model_of(self), "query_class", Query)
        if name.startswith("_") or not hasattr(known, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(_query_of(self), name)

    def __iter__(self) -> Iterator[Any]:
        return iter(_query_of(self))

    def __getitem__(self, item: Any) -> Any:
        return _query_of(self)[item]


def _model_of(statement: Select[Any]) -> Any:
    """The first mapped class in a statement that has a `query`; none, and nothing says which session."""
    for element in visitors.iterate(statement):
        mapper = getattr(element, "_annotations", {}).get("parentmapper")
        if mapper is not None and hasattr(mapper.class_, "query"):
            return mapper.class_
    return None


def _query_of(statement: Select[Any]) -> OrmQuery[Any]:
    """A Query keeps its parts under the names that a Select has for them (`Query._statement_20`)."""
    given = _model_of(statement).query
    query: OrmQuery[Any] = type(given)([], session=given.session)
    parts = vars(statement).items()
    vars(query).update({k: v for k, v in parts if k not in _OF_SELECT and hasattr(OrmQuery, k)})
    query._raw_columns = statement._raw_columns
    return query
