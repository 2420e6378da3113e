"""How long a connection waits for a lock that another one holds.

https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT (milliseconds)
https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-system-variables (seconds)
"""

from __future__ import annotations

from math import ceil
from typing import Any

from sqlalchemy import Engine, event

from migrator.runtime.told import get_logger

logger = get_logger("migrator.runtime.db")


def set_lock_timeout(engine: Engine, seconds: float) -> None:
    """Give up waiting for a lock after `seconds`, on each new connection. SQLite has a setting of its own."""
    name = engine.dialect.name
    if name == "postgresql":
        statement = f"SET lock_timeout = {int(seconds * 1000)}"
    elif name in {"mysql", "mariadb"}:
        statement = f"SET SESSION innodb_lock_wait_timeout = {max(1, ceil(seconds))}"
    else:
        logger.warning("MIGRATOR_LOCK_TIMEOUT does nothing: it isn't known how %s is told.", name)
        return

    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
        connection.commit()  # PostgreSQL undoes a SET with its transaction

    event.listen(engine, "connect", connect)


__all__ = ["set_lock_timeout"]
