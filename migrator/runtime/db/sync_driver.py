"""A connection of the sync driver with an AsyncConnection's methods, for coroutines that run alone.

SQLAlchemy makes an AsyncConnection of an async driver's connections alone, and expects that one's cursors.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util.concurrency import greenlet_spawn


class _Engine(AsyncEngine):
    """The sync engine's name and dialect: nothing is connected by it."""

    def __init__(self, connection: Connection) -> None:
        # The inherited one refuses the driver. What is remembered of it is what this one is for.
        self.sync_engine = connection.engine


class _Connection(AsyncConnection):
    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        return await greenlet_spawn(partial(self._proxied.execute, *args, **kwargs))

    async def exec_driver_sql(self, *args: Any, **kwargs: Any) -> Any:
        return await greenlet_spawn(partial(self._proxied.exec_driver_sql, *args, **kwargs))


def connection_of(connection: Connection) -> AsyncConnection:
    """The connection for async code; the same one for one connection, as long as somebody has it."""
    known = _Connection._retrieve_proxy_for_target(connection, regenerate=False)
    return known or _Connection(_Engine(connection), connection)
