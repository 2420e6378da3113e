"""asyncpg made to take and give what psycopg2 takes and gives."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


def set_lock_timeout(engine: Engine, seconds: float) -> None:
    """Give up waiting for a lock after `seconds`, on each new connection."""

    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {int(seconds * 1000)}")
        cursor.close()
        connection.commit()  # a SET is undone by the rollback of its transaction

    event.listen(engine, "connect", connect)


def behave_like_psycopg2(engine: Engine) -> None:
    """Teach the asyncpg dialect of `engine` psycopg2's conversions."""
