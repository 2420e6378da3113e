"""The `before_compile` listeners of a query class, for the selects that its queries became.

SQLAlchemy asks them when it executes a Query, not for a select(). A select that stands for a Query knows
the class, and asks them when it is executed itself. They get a Query of that class, with its parts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, event
from sqlalchemy.orm import ORMExecuteState, Query, Session
from sqlalchemy.sql import visitors

from migrator.runtime.db.errors import Unsupported

#: The execution option that holds the class.
_CLASS = "migrator_query_class"
#: What a Query and a Select keep under one name for different things.
_APART = frozenset({"_label_style", "_compile_options"})


def heard(statement: Select[Any], query: Query[Any]) -> Select[Any]:
    """The select that stands for `query`; the listeners of its class hear of it."""
    if not query.dispatch.before_compile:
        return statement
    if not event.contains(Session, "do_orm_execute", _ask_listeners):
        event.listen(Session, "do_orm_execute", _ask_listeners)
    return statement.execution_options(**{_CLASS: type(query)})


def _ask_listeners(state: ORMExecuteState) -> None:
    statement: Any = state.statement
    for inner in visitors.iterate(statement):
        if inner is not statement and _class_of(inner) is not None:
            raise Unsupported(
                "A query that before_compile listeners are to hear of is a part of another statement.",
                "They hear of what is executed, and this is not executed by itself.",
                "Keep the function that makes the statement in the bridge.",
            )
    cls = _class_of(statement)
    if cls is not None:
        state.statement = _with_criteria(statement, cls, state.session)


def _class_of(statement: object) -> type[Query[Any]] | None:
    found: type[Query[Any]] | None = getattr(statement, "_execution_options", {}).get(_CLASS)
    return found


def _with_criteria(statement: Select[Any], cls: type[Query[Any]], session: Session) -> Select[Any]:
    """The select with what the listeners add to its query."""
    query: Query[Any] = cls((), session)
    parts = {
        name: value
        for name, value in vars(statement).items()
        if name == "_raw_columns" or (hasattr(Query, name) and name not in _APART)
    }
    vars(query).update(parts)
    listeners = query.dispatch.before_compile
    before = dict(vars(query))
    for listener in listeners:
        made = listener(query)
        query = query if made is None else made
    changed = {n for n, value in vars(query).items() if before.get(n) is not value}
    known = len(statement._where_criteria)
    kept, added = query._where_criteria[:known], query._where_criteria[known:]
    alike = [id(part) for part in kept] == [id(part) for part in statement._where_criteria]
    beyond = {n for n in changed if hasattr(Query, n)} - _OF_CRITERIA
    if beyond or not alike:
        raise Unsupported(
            f"A before_compile listener of {cls.__name__} gives queries more than criteria.",
            f"It changes {', '.join(sorted(beyond)) or 'the criteria that are there'}.",
            "Keep the functions whose queries it hears of in the bridge.",
        )
    plain = statement.where(*added)
    plain._execution_options = plain._execution_options.union({_CLASS: None})
    return plain


#: What `filter()` and `enable_assertions()` leave in a Query.
_OF_CRITERIA = frozenset({"_where_criteria", "_propagate_attrs", "_enable_assertions"})
