"""The rows of a dynamic relationship's query, on the session that its object is of.

Facts: SQLAlchemy's `orm/dynamic.py`. An object that is of no session has what was put into its
collection, and no rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, inspect
from sqlalchemy.ext.asyncio import AsyncSession, async_session
from sqlalchemy.orm import Query, object_session

from migrator.runtime.db.errors import Unsupported
from migrator.runtime.db.legacy import query_rows
from migrator.runtime.db.queries import count_of


async def owner_rows(query: Any) -> Any:
    """The rows of `order.lines`, or of what refines it, as the query itself gives them.

    What is no query is given back.
    """
    if not isinstance(query, Query):
        return query
    session = await _session_of(query)
    return query._iter() if session is None else await query_rows(_select(query), session)


def owner_rows_now(query: Any) -> Any:
    """The same in sync code, in the bridge."""
    return query._iter() if isinstance(query, Query) else query


async def owner_count(query: Query[Any]) -> int:
    """`order.lines.count()`."""
    session = await _session_of(query)
    if session is None:
        return query.count()
    total: int = (await session.execute(count_of(_select(query)))).scalar_one()
    return total


def owner_count_now(query: Query[Any]) -> int:
    """The same in sync code, in the bridge."""
    return query.count()


def _select(query: Query[Any]) -> Select[Any]:
    statement: Any = query.statement
    found: Select[Any] = statement
    return found


async def _session_of(query: Any) -> AsyncSession | None:
    """The session that the query runs on; what is pending in it has been flushed by then."""
    if not hasattr(query, "instance"):
        # It has been refined: SQLAlchemy has made it a query of that session.
        return _asynchronous(query.session)
    owner = query.instance
    found = object_session(owner)
    session = None if found is None else _asynchronous(found)
    if session is not None and session.sync_session.autoflush and owner in session:
        await session.flush()
    return session if inspect(owner).has_identity else None


def _asynchronous(session: Any) -> AsyncSession:
    found = async_session(session)
    if found is None:
        raise Unsupported(
            "A dynamic relationship was asked for its rows in async code.",
            "Its object is of a sync Session, which no AsyncSession stands for.",
            "Load the object by the session of the async code, or ask in the bridge.",
        )
    return found
