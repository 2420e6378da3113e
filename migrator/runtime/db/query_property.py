"""`Base.query = query_property(session)`: SQLAlchemy's, over a registry of AsyncSessions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Query

from migrator.runtime.db.errors import Unsupported


class _Queries:
    """Gives the query of the class that it is read on, in sync code that the bridge runs."""

    def __init__(self, session: Callable[[], Any], made: type[Query[Any]] | None) -> None:
        self._session = session
        self._made = made

    def __get__(self, instance: object, owner: type[Any]) -> Query[Any]:
        session = self._session()
        session = getattr(session, "sync_session", session)
        if self._made is not None:
            return self._made(owner, session=session)
        query: Query[Any] = session.query(owner)
        return query


def session_of_queries(model: type[Any]) -> Any:
    """The session at hand that `Model.query` is on."""
    found = inspect.getattr_static(model, "query", None)
    if isinstance(found, _Queries):
        session = found._session()
        if isinstance(session, AsyncSession):
            return session
    raise Unsupported(
        f"{model.__name__}.query is asked for its session in async code.",
        "It is no query_property() of an async_scoped_session.",
        "Give the class that of the converted registry, or ask in the bridge.",
    )


def query_property(
    session: Callable[[], Any], query_cls: type[Query[Any]] | None = None
) -> _Queries:
    """What `scoped_session.query_property(query_cls)` gives; `session` gives the session at hand."""
    return _Queries(session, query_cls)
