"""What a legacy Query does with a statement's result, for a select().

A Query of one entity gives scalars, and drops duplicates whenever an entity is selected; a select()
does neither by itself. The loader says in the result's attributes which of the two applies: the
same two flags that `Query._iter` reads.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Result, Select
from sqlalchemy.orm import Session

from migrator.runtime.db.queries import count_of


def as_query(result: Result[Any]) -> Any:
    """`result` with the scalars and the uniqueness that a Query's result has."""
    flags = result._attributes
    legacy: Any = result.scalars() if flags.get("is_single_entity", False) else result
    return legacy.unique() if flags.get("filtered", False) else legacy


def fetch_all(session: Session, statement: Select[Any]) -> list[Any]:
    """`Query.all()`."""
    return list(as_query(session.execute(statement)).all())


def fetch_first(session: Session, statement: Select[Any]) -> Any:
    """`Query.first()`: its LIMIT takes the place of one that the statement has."""
    return as_query(session.execute(statement.limit(1))).first()


def fetch_one(session: Session, statement: Select[Any]) -> Any:
    """`Query.one()`. Raises NoResultFound and MultipleResultsFound."""
    return as_query(session.execute(statement)).one()


def count_rows(session: Session, statement: Select[Any]) -> int:
    """`Query.count()`: the number of rows in the database, before duplicates are dropped."""
    total: int = session.execute(count_of(statement)).scalar_one()
    return total
