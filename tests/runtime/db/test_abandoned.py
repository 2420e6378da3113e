"""An engine that nobody holds any longer leaves no connection at the server."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import NullPool

from migrator.runtime.db import async_scoped_session, async_sessionmaker, create_engines
from migrator.runtime.db.abandoned import _cut_off
from migrator.runtime.db.twins import async_engine, create_twin_engine

_OURS = text("select count(*) from pg_stat_activity where application_name = 'abandoned'")


async def _count(watch: AsyncConnection) -> int:
    await watch.rollback()  # a transaction sees the same numbers until it ends
    return int(await watch.scalar(_OURS))


async def _settles(watch: AsyncConnection, wanted: int) -> int:
    for _ in range(100):
        gc.collect()
        if await _count(watch) == wanted:
            break
        await asyncio.sleep(0.05)
    return await _count(watch)


async def _twin(url: str) -> None:
    engine = create_twin_engine(url)
    engine.session = engine  # type: ignore[attr-defined]  # in a circle, as applications have it
    await _used(async_engine(engine))


async def _pair(url: str) -> None:
    await _used(create_engines(url).async_)


async def _used(engine: AsyncEngine) -> None:
    async with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            await connection.execute(text("set application_name = 'abandoned'"))
            await connection.commit()


_application: ContextVar[object] = ContextVar("_application")


async def _of_a_request(url: str) -> None:
    """The context in which it is used holds it, as that of a request holds the application."""
    engine = create_twin_engine(url)
    _application.set(engine)
    await _used(async_engine(engine))


async def _by_a_registry(url: str) -> None:
    engine = create_twin_engine(url)
    session = async_scoped_session(async_sessionmaker(bind=engine))
    await session.execute(text("set application_name = 'abandoned'"))
    await session.commit()
    await session.remove()
    del session
    async_sessionmaker()()  # what a task has made is held until it makes another


async def _in_a_task(url: str) -> None:
    await asyncio.create_task(_of_a_request(url))


@pytest.mark.parametrize("use", [_twin, _pair, _in_a_task, _by_a_registry])
def test_its_connections_are_closed(
    postgres_url: str, use: Callable[[str], Awaitable[None]]
) -> None:
    async def main() -> tuple[int, int]:
        engines = create_engines(postgres_url)
        async with engines.async_.connect() as watch:
            await use(postgres_url)
            settled = await _settles(watch, 0)
            held = create_engines(postgres_url)
            await _used(held.async_)
            seen = settled, await _settles(watch, 2)
            await held.dispose()
        await engines.dispose()
        return seen

    assert asyncio.run(main()) == (0, 2)


def test_one_that_was_detached_stays(postgres_url: str) -> None:
    async def main() -> int:
        engines = create_engines(postgres_url, async_options={"poolclass": NullPool})
        connection = await engines.async_.connect()
        (await connection.get_raw_connection()).detach()
        gc.collect()
        await asyncio.sleep(0)
        answer = await connection.scalar(text("select 7"))
        await connection.close()
        await engines.dispose()
        return int(answer)

    assert asyncio.run(main()) == 7


def test_a_loop_that_has_ended_is_let_be() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    _cut_off(loop, [SimpleNamespace(terminate=loop.stop)])
