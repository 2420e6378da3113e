"""What is set on PostgreSQL's connections, and asyncpg made to behave like psycopg2."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.util.concurrency import await_only

from migrator.runtime.db import asyncpg_codecs, asyncpg_compiler, asyncpg_errors, asyncpg_types


def set_lock_timeout(engine: Engine, seconds: float) -> None:
    """Give up waiting for a lock after `seconds`, on each new connection."""

    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {int(seconds * 1000)}")
        cursor.close()
        connection.commit()  # a SET is undone by the rollback of its transaction

    event.listen(engine, "connect", connect)


def behave_like_psycopg2(engine: Engine) -> None:
    """Values, results and errors of `engine` (over asyncpg) as psycopg2's; before its first use."""
    asyncpg_types.install(engine)
    asyncpg_compiler.install(engine)
    asyncpg_errors.install(engine)

    def connect(connection: Any, record: Any) -> None:
        zone = asyncpg_codecs.zone_of(connection.driver_connection)
        asyncpg_types.set_session_zone(engine.dialect, zone)
        await_only(asyncpg_codecs.set_codecs(connection.driver_connection, zone))

    event.listen(engine, "connect", connect)
