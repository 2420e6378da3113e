"""A legacy Query as the select() that asks for the same rows.

Facts: SQLAlchemy's `orm/query.py`: a Query keeps its parts under the names that a Select has for
them; `_statement_20` takes them over one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Query

from migrator.runtime.db.bridge import bridge
from migrator.runtime.db.compiling import heard
from migrator.runtime.db.errors import Unsupported

#: What a select takes over, and what means nothing to it.
_TAKEN = frozenset(
    {"session", "_raw_columns", "_where_criteria", "_with_options", "_propagate_attrs"}
)
_ABSENT = object()


async def select_of(make: Callable[[], Query[Any]]) -> Select[Any]:
    """The select of a query that `make` gives; its class may do what it does when it is made.

    `make` runs in the bridge. Raises Unsupported for a query that has more than criteria and
    loader options: a LIMIT, a join.
    """
    return await bridge(lambda: as_select(make()))


def as_select(query: Query[Any]) -> Select[Any]:
    """A select with the entities, the criteria and the loader options of a query, for more of them.

    Listeners for `before_compile` are asked when it is executed.

    Raises Unsupported for a query that has anything else.
    """
    for name, value in vars(query).items():
        # A name that Query doesn't have is the query class's own.
        default = getattr(Query, name, _ABSENT)
        if name not in _TAKEN and default is not _ABSENT and not _same(value, default):
            raise Unsupported(
                f"{type(query).__name__} gives its queries more than criteria and loader options.",
                f"{name.strip('_')} has no place in a select() that is refined later.",
                "Move it into a method of the query class, or keep the function in the bridge.",
            )
    statement = select(*(column["expr"] for column in query.column_descriptions))
    return heard(statement.where(*query._where_criteria).options(*query._with_options), query)


def whole_select(query: Query[Any]) -> Select[Any]:
    """The select of a query, its joins and its order included.

    Raises Unsupported for a query that is made `from_statement()`.
    """
    statement: Any = query.statement
    if not isinstance(statement, Select):
        raise Unsupported(
            f"A method of {type(query).__name__} was called on a query of another statement.",
            "It takes a select(), which may be refined, and from_statement() can't be.",
            "Call it on a query of the model, or keep the function in the bridge.",
        )
    return statement


def _same(value: object, default: object) -> bool:
    """Whether a part of a query is what it is in an empty one; SQL expressions have no `==`."""
    if value is default:
        return True
    plain = type(value) is type(default) and not hasattr(value, "__clause_element__")
    return plain and not hasattr(value, "compare") and bool(value == default)
