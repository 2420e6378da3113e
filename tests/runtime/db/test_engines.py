"""Engines: lazy, disposed of, guarded; and a database that can't be used is one clear error."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import NotSupportedError, OperationalError

from migrator.errors import DatabaseUnreachable, MissingExtra
from migrator.runtime.db import (
    BlockingEngine,
    async_engine,
    check_reachable,
    create_engines,
    create_twin_engine,
)


def test_a_reachable_database_is_no_news(database_url: str) -> None:
    check_reachable(database_url)


def test_nothing_listens_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: the port stays closed
        port = held.getsockname()[1]
        with pytest.raises(DatabaseUnreachable) as caught:
            check_reachable(f"postgresql://u:s3cret@127.0.0.1:{port}/d")
    assert "refused" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_no_such_database(postgres_admin_url: str) -> None:
    url = sa.make_url(postgres_admin_url).set(database="nowhere")
    with pytest.raises(DatabaseUnreachable, match='database "nowhere" does not exist'):
        check_reachable(url)


def test_a_file_in_a_folder_that_is_not_there() -> None:
    with pytest.raises(DatabaseUnreachable, match="unable to open database file"):
        check_reachable("sqlite:////no/such/folder/x.db")


def test_the_async_side_says_the_same_class_of_error(postgres_admin_url: str) -> None:
    async def main(url: Any) -> None:
        engines = create_engines(url)
        try:
            with pytest.raises(OperationalError):
                async with engines.async_.connect():
                    pass
        finally:
            await engines.dispose()

    asyncio.run(main(sa.make_url(postgres_admin_url).set(database="nowhere")))
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        asyncio.run(main(f"postgresql://u@127.0.0.1:{held.getsockname()[1]}/d"))


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("psycopg2", "psycopg", "asyncpg", "aiosqlite"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=r"migrator\[postgres\]"):
        _ = create_engines("postgresql://u:s3cret@h/d").sync
    with pytest.raises(MissingExtra, match=r"migrator\[postgres\]") as caught:
        _ = create_engines("postgresql://u:s3cret@h/d").async_
    assert "s3cret" not in str(caught.value)
    with pytest.raises(MissingExtra, match=r"migrator\[sqlite\]"):
        _ = create_engines("sqlite://").async_


def test_nothing_is_connected_and_no_side_is_made_before_it_is_used() -> None:
    engines = create_engines("postgresql://u:s3cret@nowhere.invalid/d")
    assert engines.sync_sessionmaker is not None
    assert engines.async_sessionmaker is not None
    assert "s3cret" not in repr(engines)
    asyncio.run(create_engines("postgresql://u@nowhere.invalid/d").dispose())


def test_both_sides_see_the_same_rows(database_url: str) -> None:
    async def main() -> None:
        engines = create_engines(database_url)
        try:

            def write() -> None:
                with engines.sync_sessionmaker.begin() as session:
                    session.execute(sa.text("create table t (n integer)"))
                    session.execute(sa.text("insert into t values (1)"))

            await asyncio.to_thread(write)
            async with engines.async_sessionmaker() as session:
                assert await session.scalar(sa.text("select n from t")) == 1
        finally:
            await engines.dispose()

    asyncio.run(main())


def test_a_lock_is_not_waited_for_for_ever(database_url: str) -> None:
    async def main() -> None:
        engines = create_engines(database_url, lock_timeout=0.1)
        try:
            async with engines.async_.begin() as connection:
                await connection.execute(sa.text("create table t (n integer)"))
                await connection.execute(sa.text("insert into t values (1)"))
            async with engines.async_.begin() as connection:
                await connection.execute(sa.text("update t set n = 2"))

                def other_side() -> None:
                    with engines.sync.begin() as other:
                        other.execute(sa.text("update t set n = 3"))

                with pytest.raises(OperationalError, match="lock"):
                    await asyncio.to_thread(other_side)
        finally:
            await engines.dispose()

    asyncio.run(main())


def test_the_sync_engine_on_the_loop_is_noticed(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "migrator.runtime.db.guard")
    engines = create_engines(database_url)

    def use() -> Any:
        with engines.sync.connect() as connection:
            return connection.scalar(sa.text("select 1"))

    async def main() -> None:
        assert await asyncio.to_thread(use) == 1
        assert not caplog.records
        assert use() == 1
        assert "blocks" in caplog.text
        assert "test_engines.py" in caplog.text  # where
        caplog.clear()
        engines.guard.mode = "raise"
        for _ in range(3):
            with pytest.raises(BlockingEngine, match="event loop"):
                use()
        assert await asyncio.to_thread(use) == 1
        engines.guard.mode = "off"
        assert use() == 1
        assert not caplog.records
        assert engines.sync.pool.checkedout() == 0  # type: ignore[attr-defined]
        await engines.dispose()

    assert use() == 1  # no loop, no harm
    asyncio.run(main())


@pytest.mark.parametrize("cached", [None, 0])
def test_after_a_migration_of_another_process_a_connection_fails_once(
    postgres_url: str, cached: int | None
) -> None:
    options = {} if cached is None else {"connect_args": {"prepared_statement_cache_size": cached}}
    engines, other = (
        create_engines(postgres_url, async_options=options),
        create_engines(postgres_url),
    )

    def migrate(statement: str) -> None:
        with other.sync.begin() as connection:
            connection.execute(sa.text(statement))

    async def columns() -> list[str]:
        async with engines.async_.connect() as connection:
            return list((await connection.execute(sa.text("SELECT * FROM migrated"))).keys())

    async def main() -> None:
        migrate("CREATE TABLE migrated (a int)")
        assert await columns() == ["a"]
        migrate("ALTER TABLE migrated ADD COLUMN b int")
        if cached is None:
            with pytest.raises(NotSupportedError, match="cached plan must not change result type"):
                await columns()
        assert await columns() == ["a", "b"]
        await engines.dispose()
        await other.dispose()

    asyncio.run(main())


def test_a_table_that_the_sync_engine_makes_anew_is_read_by_the_async_one(
    database_url: str,
) -> None:
    engines = create_engines(database_url)
    before, after = (
        sa.Table("remade", sa.MetaData(), sa.Column("id", kind)) for kind in (sa.Integer, sa.String)
    )

    async def read() -> Any:
        async with engines.async_.connect() as connection:
            return (await connection.execute(sa.text("SELECT * FROM remade"))).all()

    def write(table: sa.Table, value: object) -> None:
        table.drop(engines.sync, checkfirst=True)
        table.create(engines.sync)
        with engines.sync.begin() as connection:
            connection.execute(table.insert().values(id=value))

    async def main() -> list[Any]:
        # On the same connection, which keeps the statement that it has prepared.
        found = []
        for table, value in ((before, 1), (after, "a"), (before, 2)):
            await asyncio.to_thread(write, table, value)
            found.append(await read())
        await engines.dispose()
        return found

    assert asyncio.run(main()) == [[(1,)], [("a",)], [(2,)]]


@pytest.mark.parametrize(
    ("pool", "options"),
    [
        (sa.SingletonThreadPool, {"pool_size": 2}),
        (sa.QueuePool, {"pool_size": 2}),
        (sa.NullPool, {}),
        (sa.StaticPool, {}),
    ],
)
def test_both_sides_of_every_pool(
    pool: type[sa.Pool], options: dict[str, Any], database_url: str
) -> None:
    engine = create_twin_engine(database_url, poolclass=pool, **options)
    assert type(engine.pool) is pool

    async def answers() -> list[int]:
        async def answer(number: int) -> int:
            async with async_engine(engine).connect() as connection:
                found: int = (await connection.execute(sa.select(sa.literal(number)))).scalar_one()
                return found

        numbers = range(1 if pool is sa.StaticPool else 5)
        found = await asyncio.gather(*map(answer, numbers))
        await async_engine(engine).dispose()
        return found

    with engine.connect() as connection:
        assert connection.scalar(sa.select(1)) == 1
    engine.dispose()
    assert asyncio.run(answers()) in ([0, 1, 2, 3, 4], [0])
