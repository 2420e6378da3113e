"""UPDATE and DELETE of the rows that a select has: what `Query.update` and `Query.delete` make.

Facts: SQLAlchemy's `orm/query.py`: the statement takes the entity and the criteria, nothing else.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Delete, Select, Update, delete, update


def delete_of(statement: Select[Any]) -> Delete:
    """DELETE of the rows of a select over one mapped class with criteria alone."""
    deletion = delete(_entity(statement))
    criteria = statement.whereclause
    return deletion if criteria is None else deletion.where(criteria)


def update_of(statement: Select[Any]) -> Update:
    """UPDATE of the rows of a select over one mapped class with criteria alone; wants `values`."""
    change = update(_entity(statement))
    criteria = statement.whereclause
    return change if criteria is None else change.where(criteria)


def _entity(statement: Select[Any]) -> Any:
    return statement.column_descriptions[0]["entity"]
