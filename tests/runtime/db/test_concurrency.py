"""Scopes under concurrency: isolated between requests, shared with child tasks, never leaking."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, text

from migrator.runtime.db import OutsideScope, bridge, current_scope, run_guarded


def checked_out(shop: Any) -> int:
    return shop.db.async_engine.pool.checkedout()  # type: ignore[no-any-return]


def test_requests_have_a_session_each(shop: Any) -> None:
    db, Customer = shop.db, shop.models.Customer
    barrier = asyncio.Barrier(4)

    async def request(n: int) -> Any:
        async with db.scope():
            session = db.session()
            for _ in range(3):
                await barrier.wait()
                assert db.session() is session
                inside = await bridge(lambda: [db.session()])
                assert inside == [session.sync_session]
                # What leaves the bridge can be awaited.
                assert (await bridge(lambda: db.session())) is session
            assert await db.session.scalar(select(func.count()).select_from(Customer)) == 0
            return session

    async def test() -> None:
        sessions = await asyncio.gather(*(request(n) for n in range(4)))
        assert len({id(session) for session in sessions}) == 4
        assert checked_out(shop) == 0

    shop.run(test)


def test_a_child_task_shares_the_session_that_is_made_later(shop: Any) -> None:
    db = shop.db

    async def test() -> None:
        ready = asyncio.Event()

        async def child() -> Any:
            await ready.wait()
            return db.session()

        task = asyncio.create_task(child())
        await asyncio.sleep(0)  # the child has its copy of the context before there is a session
        session = db.session()
        ready.set()
        assert await task is session
        # And one that a child makes is the parent's.
        await db.session.remove()
        made = await asyncio.create_task(child())
        assert db.session() is made

    shop.run(test)


def test_a_task_that_outlives_its_request_hears_so(shop: Any) -> None:
    db = shop.db

    async def test() -> None:
        over = asyncio.Event()

        async def straggler() -> None:
            await over.wait()
            with pytest.raises(OutsideScope, match=r"async with db\.scope"):
                db.session.add(shop.models.Customer(name="late"))
            async with db.scope():  # what it should do
                assert await db.session.scalar(text("select 1")) == 1

        async with db.scope():
            await db.session.scalar(text("select 1"))
            task = asyncio.create_task(straggler())
            await asyncio.sleep(0)
        over.set()
        await task
        assert checked_out(shop) == 0

    async def outside() -> None:
        from contextvars import Context

        await asyncio.create_task(test(), context=Context())

    shop.run(outside)


def test_scopes_nest_and_the_outer_one_comes_back(shop: Any) -> None:
    db = shop.db

    async def test() -> None:
        outer, scope = db.session(), current_scope()
        async with db.scope():
            assert db.session() is not outer
        assert db.session() is outer
        assert current_scope() is scope

        async def fails() -> None:
            async with db.scope():
                await db.session.scalar(text("select 1"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fails()
        assert current_scope() is scope
        assert checked_out(shop) == 0

    shop.run(test)


def test_two_databases_don_t_mix(shop: Any, make_shop: Any) -> None:
    other = make_shop("sqlite://")

    async def test() -> None:
        async with other.db.scope():
            assert shop.db.session() is not other.db.session()
            assert await other.db.session.scalar(text("select sqlite_version()"))
            assert shop.db.session().get_bind() is shop.db.async_engine.sync_engine
        await other.db.dispose()

    shop.run(test)


def test_what_was_not_committed_is_rolled_back(shop: Any) -> None:
    db, Customer = shop.db, shop.models.Customer

    async def test() -> None:
        async with db.scope():
            db.session.add(Customer(name="lost"))
            await db.session.flush()
        assert await db.session.scalar(select(func.count()).select_from(Customer)) == 0

    shop.run(test)


# How each database is kept busy while the task is cancelled.
BUSY = {
    "postgresql": "select pg_sleep(60)",
    "sqlite": "with recursive c(n) as (select 1 union all select n + 1 from c where n < 3000000)"
    " select count(*) from c",
}


@pytest.mark.parametrize("how", ["native", "guarded", "bridged"])
def test_cancellation_mid_query_gives_the_connection_back(shop: Any, how: str) -> None:
    db = shop.db
    statement = text(BUSY[db.async_engine.dialect.name])

    async def native(started: asyncio.Event) -> None:
        async with db.scope():
            await db.session.scalar(text("select 1"))
            started.set()
            if how == "bridged":
                await bridge(lambda: db.session.execute(statement))
            else:
                await db.session.execute(statement)

    async def test() -> None:
        for _ in range(3):
            started = asyncio.Event()
            job = native(started)
            task = asyncio.create_task(run_guarded(job) if how == "guarded" else job)
            await started.wait()
            await asyncio.sleep(0)
            assert checked_out(shop) == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert checked_out(shop) == 0
        # What comes next is served.
        assert await db.session.scalar(text("select 1")) == 1

    shop.run(test)


def test_a_timeout_mid_query_leaves_the_scope_usable(postgres_url: str, make_shop: Any) -> None:
    shop = make_shop(postgres_url)
    db = shop.db

    async def test() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await db.session.execute(text(BUSY["postgresql"]))
        await db.session.rollback()
        assert await db.session.scalar(text("select 1")) == 1

    shop.run(test)


def test_a_cancelled_request_in_a_full_pool_lets_the_next_one_in(
    postgres_url: str, make_shop: Any
) -> None:
    shop = make_shop(postgres_url, SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 1, "max_overflow": 0})
    db = shop.db

    async def request(statement: str, started: asyncio.Event) -> Any:
        async with db.scope():
            await db.session.connection()
            started.set()
            return await db.session.scalar(text(statement))

    async def test() -> None:
        started = asyncio.Event()
        busy = asyncio.create_task(request(BUSY["postgresql"], started))
        await started.wait()
        waiting = asyncio.create_task(request("select 2", started))
        await asyncio.sleep(0)
        busy.cancel()
        assert await waiting == 2
        with pytest.raises(asyncio.CancelledError):
            await busy

    shop.run(test)
