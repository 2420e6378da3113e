"""PgBouncer and its like between asyncpg and the server: statements that need no connection of their own.

In transaction mode each transaction may have another connection of the server's, and what asyncpg has
prepared on one is not on the next: a part of all requests fails. psycopg2 prepares nothing.
https://www.pgbouncer.org/features.html
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.util.concurrency import await_only

#: A statement without a name is sent again with its values, all in one message.
_UNPREPARED = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}


class Pooler:
    """Whether there is one in front of the database of an engine: asked of its first connection."""

    def __init__(self) -> None:
        self._found: bool | None = None

    def connect(self, dialect: Any, args: Any, options: dict[str, Any]) -> Any:
        """SQLAlchemy's connection over asyncpg, which prepares nothing where there is a pooler.

        `args` and `options` are those of asyncpg.connect(); an option that is given stays.
        """
        if not self._found:
            connection = dialect.connect(*args, **options)
            if self._found is None:
                try:
                    self._found = await_only(_is_pooled(connection.driver_connection))
                except BaseException:
                    connection.terminate()
                    raise
            if not self._found:
                return connection
            connection.close()
        return dialect.connect(*args, **{**_UNPREPARED, **options})


async def _is_pooled(connection: Any) -> bool:
    """Whether another one than the server has told asyncpg the number of its process."""
    import asyncpg

    try:
        # In a transaction, where a pooler keeps to one connection.
        async with connection.transaction():
            statement = await connection.prepare("SELECT pg_backend_pid()", name="")
            return bool(await statement.fetchval() != connection.get_server_pid())
    except asyncpg.PostgresError:
        return False


__all__ = ["Pooler"]
