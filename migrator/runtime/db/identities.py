"""`Query.get` of a select that comes from elsewhere: its entity and its options are taken when it runs.

Facts: SQLAlchemy's `orm/query.py`, `get` and `_no_criterion_assertion`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import InvalidRequestError

#: What `Query.get` asks for by itself, or takes no notice of.
_APART = frozenset({"populate_existing", "autoflush"})


async def get_of(statement: Select[Any], ident: Any, session: Any) -> Any:
    """The object with this primary key, of the one class that `statement` selects; None without one.

    Raises InvalidRequestError as `Query.get` does: for criteria, joins, LIMIT or OFFSET, several entities.
    """
    return await session.get(_entity(statement), ident, **_options(statement))


def get_of_now(statement: Select[Any], ident: Any, session: Any) -> Any:
    """The same in sync code, in the bridge."""
    return session.get(_entity(statement), ident, **_options(statement))


def _entity(statement: Select[Any]) -> Any:
    if (
        statement._where_criteria
        or statement._from_obj
        or statement._setup_joins
        or statement._limit_clause is not None
        or statement._offset_clause is not None
        or statement._group_by_clauses
    ):
        raise InvalidRequestError("Query.get() being called on a Query with existing criterion. ")
    found = statement.column_descriptions
    if len(found) != 1 or found[0]["expr"] is not found[0]["entity"]:
        raise InvalidRequestError("get() can only be used against a single mapped class.")
    return found[0]["entity"]


def _options(statement: Select[Any]) -> dict[str, Any]:
    options = dict(statement._execution_options)
    return {
        "options": list(statement._with_options),
        "populate_existing": options.get("populate_existing", False),
        "with_for_update": statement._for_update_arg,
        "execution_options": {name: v for name, v in options.items() if name not in _APART},
    }
