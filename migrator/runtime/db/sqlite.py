"""SQLite set up alike under sqlite3 and aiosqlite.

https://www.sqlite.org/wal.html: readers and the one writer don't block each other in a file.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection

from migrator.runtime.db.memory import is_in_memory


def prepare(engine: Engine, *, foreign_keys: bool, lock_timeout: float | None) -> None:
    """Set the pragmas on each new connection; `engine` is sync, or an async one's sync_engine.

    How long a lock is waited for without `lock_timeout`, the engine's options say: 5 seconds.
    """
    pragmas = []
    if lock_timeout is not None:
        pragmas.append(f"PRAGMA busy_timeout = {int(lock_timeout * 1000)}")
    if foreign_keys:
        pragmas.append("PRAGMA foreign_keys = ON")
    in_file = not is_in_memory(engine.url)

    def connect(connection: Any, record: Any) -> None:
        if in_file:
            _write_ahead(connection)
        for pragma in pragmas:
            _ask(connection, pragma)

    event.listen(engine, "connect", connect)


def _write_ahead(connection: Any) -> None:
    """Let readers and the writer go on beside each other, where the file can be changed to it now."""
    patience = _ask(connection, "PRAGMA busy_timeout")
    _ask(connection, "PRAGMA busy_timeout = 0")
    # A file that is read-only, locked or none of SQLite's: what is asked of it first says so.
    with contextlib.suppress(sqlite3.DatabaseError):
        _ask(connection, "PRAGMA journal_mode = WAL")
    _ask(connection, f"PRAGMA busy_timeout = {patience}")


def _ask(connection: Any, pragma: str) -> Any:
    cursor = connection.cursor()
    try:
        cursor.execute(pragma)
        row = cursor.fetchone()
        return None if row is None else row[0]
    finally:
        cursor.close()


def behave_like_pysqlite(engine: Engine) -> None:
    """Make listeners that were written for sqlite3's connections recognise those of `engine`.

    The usual listener begins with `if isinstance(connection, sqlite3.Connection)`, gets an object
    of SQLAlchemy's instead and does nothing, without a word: foreign keys are off.
    """
    event.listen(engine, "do_connect", _connect)
    dialect: Any = engine.dialect
    given = dialect.get_driver_connection

    def driver_connection(connection: Any) -> Any:
        # Whatever aiosqlite's own connection does, sync code would forget to await.
        from migrator.runtime.db.bridge import in_bridge

        return connection if in_bridge() else given(connection)

    dialect.get_driver_connection = driver_connection


def _connect(dialect: Any, record: Any, args: Any, kwargs: Any) -> Any:
    connection = dialect.connect(*args, **kwargs)
    connection.__class__ = _Sqlite3Alike
    return connection


class _Sqlite3Alike(AsyncAdapt_aiosqlite_connection):
    """Passes for a sqlite3.Connection; what it does is awaited by the bridge."""

    __slots__ = ()

    @property  # type: ignore[override]  # the point of it
    def __class__(self) -> type[sqlite3.Connection]:
        return sqlite3.Connection

    @__class__.setter
    def __class__(self, value: type) -> None:  # object's is writable
        raise TypeError("the class of a connection is fixed")

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        """sqlite3's shortcut."""
        cursor = self.cursor()
        cursor.execute(sql, parameters)
        return cursor

    def executemany(self, sql: str, parameters: Any) -> Any:
        """sqlite3's shortcut."""
        cursor = self.cursor()
        cursor.executemany(sql, parameters)
        return cursor
