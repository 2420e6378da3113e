"""asyncpg made to behave like psycopg2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.util.concurrency import await_only

from migrator.runtime.db import (
    asyncpg_codecs,
    asyncpg_compiler,
    asyncpg_cursors,
    asyncpg_errors,
    asyncpg_types,
)
from migrator.runtime.db.abandoned import close_abandoned


def behave_like_psycopg2(engine: Engine) -> None:
    """Values, cursors, results and errors of `engine` (over asyncpg) as psycopg2's; before its first use."""
    asyncpg_types.install(engine)
    asyncpg_compiler.install(engine)
    asyncpg_cursors.install(engine)
    asyncpg_errors.install(engine)

    def connect(connection: Any, record: Any) -> None:
        asyncpg_cursors.adopt(connection)
        zone = asyncpg_codecs.zone_of(connection.driver_connection)
        asyncpg_types.set_session_zone(engine.dialect, zone)
        await_only(asyncpg_codecs.set_codecs(connection.driver_connection, zone))

    event.listen(engine, "connect", connect)
    close_abandoned(engine)


def forget_plans(sync: Engine, other: Callable[[], Engine | None]) -> None:
    """Let the connections of `other` (over asyncpg) prepare their statements anew after DDL of `sync`.

    psycopg2 prepares none. asyncpg keeps them, and each would fail once where a table has other
    columns: SQLAlchemy forgets them after DDL of that very engine only.
    """

    def executes(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, _: bool
    ) -> None:
        twin = other() if context is not None and context.isddl else None
        if twin is not None:
            twin.dialect._invalidate_schema_cache()  # type: ignore[attr-defined]  # asyncpg's alone has it

    event.listen(sync, "after_cursor_execute", executes)
