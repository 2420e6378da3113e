"""Drivers in threads: what they give, what they refuse, and what the event loop does meanwhile."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import psycopg2.extensions
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from migrator.errors import DatabaseUrlError
from migrator.runtime.db import DatabaseUrls, create_engines
from migrator.runtime.db.in_thread import in_thread

Use = Callable[[AsyncEngine], Awaitable[Any]]


@pytest.fixture
def url(postgres_url: str) -> sa.URL:
    return sa.make_url(postgres_url).set(drivername="postgresql+psycopg2")


def over(url: sa.URL, use: Use, **options: Any) -> Any:
    """What `use` gives, of an engine whose connections are closed afterwards, and so are their threads."""

    async def main() -> Any:
        engine = create_async_engine(in_thread(url), **options)
        try:
            return await use(engine)
        finally:
            await engine.dispose()

    # Another test's application may have left one, till what holds it is collected.
    others = threads()
    result = asyncio.run(main())
    for thread in own(others):
        thread.join(5)
    assert not own(others)
    return result


def own(others: list[threading.Thread]) -> list[threading.Thread]:
    return [t for t in threads() if t not in others]


def threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("migrator-db")]


VALUES = [
    "SELECT 1, 1.50::numeric, 'x', NULL, true",
    "SELECT date '2020-01-02', timestamptz '2020-01-02 03:04+05', interval '1 day 2 hours'",
    "SELECT ARRAY[1,2], '{\"a\": [1]}'::jsonb, '10.0.0.1'::inet, int4range(1, 5)",
    "SELECT uuid '00000000-0000-0000-0000-000000000001', 'NaN'::float8",
    "SELECT 1/0",
    "SELECT nothing",
]


def test_values_and_errors_are_the_drivers(url: sa.URL) -> None:
    def told(error: DBAPIError) -> Any:
        return type(error), type(error.orig), str(error), error.connection_invalidated

    def sync() -> list[Any]:
        found: list[Any] = []
        engine = sa.create_engine(url, poolclass=NullPool)
        for statement in VALUES:
            try:
                with engine.connect() as connection:
                    found.append(connection.execute(sa.text(statement)).all())
            except DBAPIError as error:
                found.append(told(error))
        return found

    async def in_threads(engine: AsyncEngine) -> list[Any]:
        found: list[Any] = []
        for statement in VALUES:
            try:
                async with engine.connect() as connection:
                    found.append((await connection.execute(sa.text(statement))).all())
            except DBAPIError as error:
                found.append(told(error))
        return found

    assert repr(over(url, in_threads)) == repr(sync())


def test_other_requests_are_served_while_a_statement_runs(url: sa.URL) -> None:
    async def use(engine: AsyncEngine) -> list[str]:
        order = []

        async def waits() -> None:
            async with engine.begin() as connection:
                await connection.execute(sa.text("SELECT pg_advisory_lock(7)"))
            order.append("waited")

        async with engine.connect() as holder:
            await holder.execute(sa.text("SELECT pg_advisory_lock(7)"))
            waiting = asyncio.create_task(waits())
            async with engine.connect() as other:
                assert await other.scalar(sa.text("SELECT 1")) == 1
            order.append("served")
            await holder.execute(sa.text("SELECT pg_advisory_unlock(7)"))
            await waiting
        return order

    assert over(url, use) == ["served", "waited"]


def test_rows_of_a_stream_stay_with_the_server(url: sa.URL) -> None:
    async def use(engine: AsyncEngine) -> list[int]:
        async with engine.connect() as connection:
            options = {"yield_per": 10}
            statement = sa.text("SELECT generate_series(1, 10000000000)")
            result = await connection.stream(statement, execution_options=options)
            found = [await anext(result) for _ in range(25)]
            await result.close()
        return [n for (n,) in found]

    assert over(url, use) == list(range(1, 26))


def test_a_statement_whose_task_is_cancelled_is_undone(url: sa.URL) -> None:
    async def use(engine: AsyncEngine) -> Any:
        async with engine.begin() as connection:
            await connection.execute(sa.text("CREATE TABLE t (n integer)"))

        async def writes() -> None:
            async with engine.begin() as connection:
                await connection.execute(sa.text("INSERT INTO t VALUES (1)"))
                begun.set()
                await connection.execute(sa.text("SELECT pg_advisory_lock(8)"))

        begun = asyncio.Event()
        async with engine.connect() as holder:
            await holder.execute(sa.text("SELECT pg_advisory_lock(8)"))
            task = asyncio.create_task(writes())
            await begun.wait()
            for _ in range(5):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with engine.connect() as connection:
            return await connection.scalar(sa.text("SELECT count(*) FROM t"))

    assert over(url, use) == 0


def test_a_connection_that_is_cancelled_or_refused_leaves_no_thread(url: sa.URL) -> None:
    async def use(engine: AsyncEngine) -> None:
        task = asyncio.create_task(_ask(engine))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    over(url, use)

    async def refused(engine: AsyncEngine) -> None:
        with pytest.raises(OperationalError, match="does not exist"):
            await _ask(engine)

    over(url.set(database="nowhere"), refused)


async def _ask(engine: AsyncEngine) -> Any:
    async with engine.connect() as connection:
        return await connection.scalar(sa.text("SELECT 1"))


def test_what_is_dropped_takes_its_thread_with_it(url: sa.URL) -> None:
    async def use(engine: AsyncEngine) -> None:
        connection = await engine.connect()
        assert await connection.scalar(sa.text("SELECT 1")) == 1
        del connection
        gc.collect()

    with pytest.warns(sa.exc.SAWarning, match="garbage collector"):
        over(url, use, poolclass=NullPool)


def test_a_connection_may_be_given_up_after_it_was_closed(url: sa.URL) -> None:
    async def use(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            own = (await connection.get_raw_connection()).dbapi_connection
            await connection.invalidate()
        engine.sync_engine.dialect.do_terminate(own)  # type: ignore[arg-type]

    over(url, use)


def test_listeners_are_given_what_passes_for_the_drivers_connection(url: sa.URL) -> None:
    async def use(engine: AsyncEngine) -> Any:
        seen = []

        @sa.event.listens_for(engine.sync_engine, "connect")
        def connect(connection: Any, record: Any) -> None:
            assert isinstance(connection, psycopg2.extensions.connection)
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SET application_name = %s", ("mine",))
                cursor.execute("SELECT generate_series(1, 3)")
                seen.append([cursor.rowcount, cursor.fetchone(), cursor.fetchmany(1), *cursor])
            connection.autocommit = False
            seen.append(connection.encoding)

        return await _name(engine), seen

    async def _name(engine: AsyncEngine) -> Any:
        async with engine.connect() as connection:
            return await connection.scalar(sa.text("SHOW application_name"))

    assert over(url, use) == ("mine", [[3, (1,), [(2,)], (3,)], "UTF8"])


def test_the_thread_sees_the_callers_context() -> None:
    name: ContextVar[str] = ContextVar("name", default="nobody")

    def connect() -> Any:
        connection = sqlite3.connect(":memory:")
        connection.create_function("name", 0, name.get)
        return connection

    async def use(engine: AsyncEngine) -> Any:
        name.set("Ann")
        async with engine.connect() as connection:
            return await connection.scalar(sa.text("SELECT name()"))

    async def main() -> Any:
        engines = create_engines(
            "sqlite://", sync_options={"creator": connect}, async_options={"creator": connect}
        )
        try:
            return await use(engines.async_)
        finally:
            await engines.dispose()

    assert asyncio.run(main()) == "Ann"


@pytest.mark.parametrize(
    ("url", "chosen", "sync", "async_"),
    [
        ("mysql+pymysql://u@h/d", None, "mysql+pymysql", "mysql+pymysql_in_thread"),
        ("mariadb+pymysql://u@h/d", None, "mariadb+pymysql", "mariadb+pymysql_in_thread"),
        ("mysql://u@h/d", None, "mysql+mysqldb", "mysql+mysqldb_in_thread"),
        ("mysql+pymysql://u@h/d", "aiomysql", "mysql+pymysql", "mysql+aiomysql"),
        ("mssql+pyodbc://u@h/d", None, "mssql+pyodbc", "mssql+pyodbc_in_thread"),
        ("oracle+oracledb://u@h/d", None, "oracle+oracledb", "oracle+oracledb"),
        ("oracle+oracledb://u@h/d", "thread", "oracle+oracledb", "oracle+oracledb_in_thread"),
        ("postgresql://u@h/d", "thread", "postgresql+psycopg2", "postgresql+psycopg2_in_thread"),
        ("postgresql://u@h/d", "psycopg", "postgresql+psycopg2", "postgresql+psycopg"),
        ("sqlite:///d", "thread", "sqlite+pysqlite", "sqlite+pysqlite_in_thread"),
        (
            "sqlite+pysqlcipher://:key@/d",
            None,
            "sqlite+pysqlcipher",
            "sqlite+pysqlcipher_in_thread",
        ),
    ],
)
def test_the_driver_of_each_side(url: str, chosen: str | None, sync: str, async_: str) -> None:
    urls = DatabaseUrls.parse(url, async_driver=chosen)
    assert (urls.sync.drivername, urls.async_.drivername) == (sync, async_)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_asyncpg_by_its_name_is_given_what_it_understands(scheme: str) -> None:
    url = f"{scheme}://h/d?sslmode=require&connect_timeout=5"
    urls = DatabaseUrls.parse(url, async_driver="asyncpg")
    assert urls.async_.drivername == "postgresql+asyncpg"
    assert (dict(urls.async_.query), dict(urls.async_connect_args)) == (
        {"ssl": "require"},
        {"timeout": 5.0},
    )


def test_the_url_of_an_engine_in_threads_may_be_given_again() -> None:
    urls = DatabaseUrls.parse("mysql+pymysql://u@h/d")
    assert DatabaseUrls.parse(urls.async_) == urls


@pytest.mark.parametrize(
    ("url", "chosen", "says"),
    [
        ("nosuch://u:s3cret@h/d", None, "begins with nosuch://"),
        ("mysql+aiomysql://u:s3cret@h/d", None, "which is an async driver"),
        ("mysql+pymysql://u:s3cret@h/d", "mysqldb", "It isn't one"),
        ("mysql+pymysql://u:s3cret@h/d", "nosuch", "begins with mysql+nosuch://"),
    ],
)
def test_a_driver_that_will_not_do_is_one_clear_error(url: str, chosen: Any, says: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        DatabaseUrls.parse(url, async_driver=chosen)
    assert says in str(caught.value)
    assert "s3cret" not in str(caught.value)
