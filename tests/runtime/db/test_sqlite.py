"""SQLite behaves alike under sqlite3 and aiosqlite, foreign keys included."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from migrator.runtime.db import create_engines

PRAGMAS = ("foreign_keys", "journal_mode", "busy_timeout")


async def pragmas(url: str, **options: Any) -> list[tuple[Any, ...]]:
    """The values on the sync and on the async side."""
    engines = create_engines(url, **options)
    engines.guard.mode = "off"

    def read(connection: sa.Connection) -> tuple[Any, ...]:
        return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS)

    try:
        with engines.sync.connect() as connection:
            sync = read(connection)
        async with engines.async_.connect() as async_connection:
            return [sync, await async_connection.run_sync(read)]
    finally:
        await engines.dispose()


def test_both_sides_get_the_same_pragmas(sqlite_url: str) -> None:
    assert asyncio.run(pragmas(sqlite_url)) == [(0, "wal", 5000)] * 2
    both = asyncio.run(pragmas(sqlite_url, sqlite_foreign_keys=True, lock_timeout=0.25))
    assert both == [(1, "wal", 250)] * 2


def test_a_database_in_memory_is_closed_with_engines_that_nobody_disposed_of() -> None:
    engines = create_engines("sqlite://")
    with engines.sync.connect() as connection:
        driver: Any = connection.connection.driver_connection
    gc.collect()
    assert driver.execute("SELECT 1").fetchone() == (1,)
    del connection, engines
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        driver.execute("SELECT 1")


def test_in_memory_there_is_no_wal() -> None:
    assert asyncio.run(pragmas("sqlite://")) == [(0, "memory", 5000)] * 2


@pytest.fixture(params=["cursor", "execute"])
def listener(request: pytest.FixtureRequest) -> Iterator[None]:
    """The two common spellings of the listener, word for word."""

    def with_cursor(dbapi_connection: Any, connection_record: Any) -> None:
        if isinstance(dbapi_connection, sqlite3.Connection):
            cursor = dbapi_connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

    def with_execute(dbapi_connection: Any, connection_record: Any) -> None:
        if type(dbapi_connection) is sqlite3.Connection or isinstance(
            dbapi_connection, sqlite3.Connection
        ):
            dbapi_connection.execute("pragma foreign_keys=ON")

    function = with_cursor if request.param == "cursor" else with_execute
    event.listen(Engine, "connect", function)
    yield
    event.remove(Engine, "connect", function)


@pytest.mark.usefixtures("listener")
def test_a_listener_for_sqlite3_works_on_both_sides(sqlite_url: str) -> None:
    assert [side[0] for side in asyncio.run(pragmas(sqlite_url))] == [1, 1]


def test_foreign_keys_cascade_and_refuse(make_shop: Any, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, MIGRATOR_SQLITE_FOREIGN_KEYS=True)
    db, models = shop.db, shop.models

    async def test() -> None:
        db.session.add(models.Customer(id=1, name="a", orders=[models.Order()]))
        await db.session.commit()
        await db.session.execute(sa.delete(models.Customer))
        assert await db.session.scalar(sa.select(sa.func.count()).select_from(models.Order)) == 0
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            await db.session.execute(sa.insert(models.Order).values(customer_id=99))
        await db.session.rollback()

    shop.run(test)


def test_errors_and_results_are_sqlite3s(sqlite_url: str) -> None:
    async def main() -> None:
        engines = create_engines(sqlite_url)
        engines.guard.mode = "off"
        try:
            with engines.sync.begin() as connection:
                connection.exec_driver_sql("create table t (n integer primary key, v numeric)")
                connection.exec_driver_sql("insert into t values (1, 1.5)")
            for statement in ("insert into t values (1, 2)", "select x", "insert into t values (?"):
                with engines.sync.connect() as connection, pytest.raises(DBAPIError) as legacy:
                    connection.exec_driver_sql(statement)
                async with engines.async_.connect() as async_connection:
                    with pytest.raises(DBAPIError) as target:
                        await async_connection.exec_driver_sql(statement)
                assert type(legacy.value) is type(target.value)
                assert str(legacy.value.orig) == str(target.value.orig)
        finally:
            await engines.dispose()

    asyncio.run(main())
