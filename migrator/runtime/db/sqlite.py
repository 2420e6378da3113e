"""SQLite set up alike under sqlite3 and aiosqlite.

https://www.sqlite.org/wal.html: readers and the one writer don't block each other in a file.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

_BUSY_TIMEOUT = 5.0


def prepare(engine: Engine, *, foreign_keys: bool, lock_timeout: float | None) -> None:
    """Set the pragmas on each new connection; `engine` is sync, or an async one's sync_engine."""
    seconds = _BUSY_TIMEOUT if lock_timeout is None else lock_timeout
    pragmas = [f"PRAGMA busy_timeout = {int(seconds * 1000)}"]
    if engine.url.database not in {None, "", ":memory:"}:
        pragmas.append("PRAGMA journal_mode = WAL")
    if foreign_keys:
        pragmas.append("PRAGMA foreign_keys = ON")

    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
            cursor.close()
            cursor = connection.cursor()
        cursor.close()

    event.listen(engine, "connect", connect)


def behave_like_pysqlite(engine: Engine) -> None:
    """Make listeners that were written for sqlite3 connections recognise aiosqlite's."""
