"""What a template gets instead of queries: their rows, which it may loop over more than once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from migrator.runtime.db.legacy import rows_of, rows_of_now


async def rows_for(value: Any, session: AsyncSession) -> Any:
    """The rows of a select or a query, in a list; anything else as it is."""
    rows = await rows_of(value, session)
    return rows if rows is value else list(rows)


def rows_for_now(value: Any, session: Session) -> Any:
    """The same in sync code, in the bridge."""
    rows = rows_of_now(value, session)
    return rows if rows is value else list(rows)


async def with_rows(
    values: Mapping[str, Any], session: AsyncSession, *names: str
) -> dict[str, Any]:
    """The values, those of these names that are queries by their rows."""
    found = dict(values)
    for name in names:
        if name in found:
            found[name] = await rows_for(found[name], session)
    return found


def with_rows_now(values: Mapping[str, Any], session: Session, *names: str) -> dict[str, Any]:
    """The same in sync code, in the bridge."""
    found = dict(values)
    for name in names:
        if name in found:
            found[name] = rows_for_now(found[name], session)
    return found
