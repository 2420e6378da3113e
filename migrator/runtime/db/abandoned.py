"""The connections of an engine that nobody holds any longer are closed, as psycopg2 closes its own.

A sync driver's connection ends with the object. asyncpg's does not: the event loop holds its socket, and
the server a place for it. Test suites make an engine for each test.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from contextvars import Context
from typing import Any
from weakref import WeakKeyDictionary, finalize

from sqlalchemy import Engine, event


def close_abandoned(engine: Engine) -> None:
    """Have what the pool of `engine` (over asyncpg) holds cut off when the pool is garbage."""
    # A place in the pool has one connection after the other.
    places: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()

    def connect(connection: Any, record: Any) -> None:
        if record not in places:
            places[record] = []
            finalize(record, _cut_off, asyncio.get_running_loop(), places[record]).atexit = False
        places[record][:] = [connection.driver_connection]

    def detach(connection: Any, record: Any) -> None:
        places.get(record, []).clear()  # whoever detaches one has it

    event.listen(engine, "connect", connect)
    event.listen(engine, "detach", detach)


def holding_nothing(options: Mapping[str, Any]) -> dict[str, Any]:
    """The `options` of asyncpg.connect(), for a connection that keeps nobody's context.

    The event loop remembers the context in which a socket is opened and a timer set: the request, the
    application and with it the engine would live as long as the connection.
    """
    return {"max_cached_statement_lifetime": 0, "async_creator_fn": _connect, **options}


async def _connect(*args: Any, **options: Any) -> Any:
    import asyncpg

    made = asyncio.get_running_loop().create_task(
        asyncpg.connect(*args, **options), context=Context()
    )
    return await made


def _cut_off(loop: asyncio.AbstractEventLoop, connections: list[Any]) -> None:
    """The garbage collector calls it, from whatever thread."""
    with contextlib.suppress(RuntimeError):  # the loop has ended, and its sockets with it
        for connection in connections:
            loop.call_soon_threadsafe(connection.terminate)


__all__ = ["close_abandoned", "holding_nothing"]
