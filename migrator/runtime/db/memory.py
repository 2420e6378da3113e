"""A SQLite database in memory: one connection under both engines.

Each connection to `:memory:` is a database of its own. Flask-SQLAlchemy has one for all of an
application; here the sync engine of a test and the async one of the requests that it makes share it.
https://www.sqlite.org/inmemorydb.html
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import URL
from sqlalchemy.pool import StaticPool


def is_in_memory(url: URL) -> bool:
    """Whether each connection to `url` would be a database of its own."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


class _Connection(sqlite3.Connection):
    """Closed for good when everyone who opened it has closed it."""

    users = 0
    lock: threading.Lock

    def close(self) -> None:
        with self.lock:
            self.users -= 1
            if self.users > 0:
                self.rollback()
                return
        super().close()

    def end(self) -> None:
        """Close it, whoever has it open."""
        super().close()


class MemoryDatabase:
    """Opens the one connection; it is made anew after the last of its users has closed it.

    Where nobody closes it, it is closed with the engines: applications of tests are dropped as they
    are, and Python 3.13 warns of each connection that is collected open.
    """

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        """`arguments`: what else sqlite3.connect() is given."""
        self._arguments = {**arguments, "check_same_thread": False, "factory": _Connection}
        self._lock = threading.Lock()
        self._connection: _Connection | None = None
        self._end: weakref.finalize[[], MemoryDatabase] | None = None

    def open(self) -> sqlite3.Connection:
        """The connection, for one more user."""
        with self._lock:
            connection = self._connection
            if connection is None or connection.users == 0:
                connection = cast(_Connection, sqlite3.connect(":memory:", **self._arguments))
                connection.lock = self._lock
                self._connection = connection
                if self._end is not None:
                    self._end.detach()
                self._end = weakref.finalize(self, connection.end)
                # At the end of the process another thread may still be using it.
                self._end.atexit = False
            connection.users += 1
            return connection

    def open_async(self, *args: Any, **options: Any) -> Any:
        """The same behind aiosqlite."""
        import aiosqlite

        made = aiosqlite.Connection(self.open, iter_chunk_size=64)
        # As SQLAlchemy does it: before aiosqlite 0.22 the connection is the thread.
        thread: Any = getattr(made, "_thread", made)
        thread.daemon = True
        return made

    def sync_options(self, chosen: dict[str, Any]) -> dict[str, Any]:
        """`chosen` for create_engine."""
        return {"poolclass": StaticPool, **chosen, "creator": self.open}

    def async_options(self, chosen: dict[str, Any]) -> dict[str, Any]:
        """`chosen` for create_async_engine."""
        arguments = {**chosen.get("connect_args", {}), "async_creator_fn": self.open_async}
        return {"poolclass": StaticPool, **chosen, "connect_args": arguments}
