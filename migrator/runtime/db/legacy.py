"""What a legacy Query does with a statement's result, for a select().

A Query of one entity gives scalars, and drops duplicates whenever an entity is selected; a select()
does neither by itself. The loader says in the result's attributes which of the two applies: the
same two flags that `Query._iter` reads.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Result, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Query, Session

from migrator.runtime.db.queries import count_of

_LEGACY_STYLE = {"_use_legacy_query_style": True}
_OPTIONS = {"_sa_orm_load_options": Query.load_options}
_OF_ORM = {"compile_state_plugin": "orm", "plugin_subject": None}


async def query_rows(statement: Select[Any], session: AsyncSession) -> Any:
    """The rows of a select as a legacy Query gives them: their names, scalars, no duplicates."""
    return as_query(await session.execute(_like_query(statement), execution_options=_OPTIONS))


def query_rows_now(statement: Select[Any], session: Session) -> Any:
    """The same in sync code, in the bridge."""
    return as_query(session.execute(_like_query(statement), execution_options=_OPTIONS))


async def rows_of(value: Any, session: AsyncSession) -> Any:
    """The rows of a select, or of a dynamic relationship's query; what is none of these, itself."""
    return (
        await query_rows(statement, session) if (statement := _select(value)) is not None else value
    )


def rows_of_now(value: Any, session: Session) -> Any:
    """The same in sync code, in the bridge."""
    return (
        query_rows_now(statement, session) if (statement := _select(value)) is not None else value
    )


def statement_of(value: Any) -> Any:
    """The statement of a legacy query; anything else as it is."""
    return value.statement if isinstance(value, Query) else value


def _select(value: Any) -> Select[Any] | None:
    found = statement_of(value)
    return found if isinstance(found, Select) else None


def columns_of(union: CompoundSelect[Any]) -> list[ColumnElement[Any]]:
    """The columns that a legacy Query reads from a union of queries: those of the first of them.

    Each is looked up among all columns of the union, as `Query._from_selectable` has it done.
    """
    rows: Any = union.subquery()
    first: Any = union.selects[0]
    first = getattr(first, "element", first)  # in parentheses, with an ORDER BY
    named = zip(first.column_descriptions, first.selected_columns, strict=True)
    found = [(rows.corresponding_column(column), about["name"]) for about, column in named]
    # A union of selects of different lengths, which has not all of them, fails where it is executed.
    if any(one is None for one, _ in found):
        return list(rows.c)
    return [one if one.key == name else one.label(name) for one, name in found]


def _like_query(statement: Select[Any]) -> Select[Any]:
    """The statement that `Query._iter` executes.

    Facts: `Query._statement_20`, for a select that was none of a Query's so far.
    """
    made: Any = statement.set_label_style(Query._label_style)
    options: Any = Query._compile_options
    made._compile_options = options.safe_merge(statement._compile_options) + _LEGACY_STYLE
    if "compile_state_plugin" not in made._propagate_attrs:
        made._propagate_attrs = made._propagate_attrs.union(_OF_ORM)
    result: Select[Any] = made
    return result


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
