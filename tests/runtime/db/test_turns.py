"""Turns of the async engine's pool: none is lost, and nobody waits for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text


@pytest.fixture
def shop(sqlite_url: str, make_shop: Any) -> Any:
    return make_shop(
        sqlite_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 5, "max_overflow": 0, "pool_timeout": 3},
        MIGRATOR_REQUESTS_AT_ONCE=1,
    )


def _run(shop: Any, test: Callable[[], Awaitable[None]]) -> None:
    """Outside of every scope: each request is one of its own."""

    async def main() -> None:
        try:
            await test()
        finally:
            await shop.db.dispose(shop.app)

    asyncio.run(main())


def _engine(shop: Any) -> Any:
    return shop.db.engines_for(shop.app).async_


async def _asked(shop: Any, count: int = 1) -> list[int]:
    """What a request is given that asks on several connections, all of them open at once."""
    together = asyncio.Barrier(count)

    async def ask() -> int:
        async with _engine(shop).connect() as connection:
            await together.wait()
            return int(await connection.scalar(text("select 1")))

    async with shop.db.scope(shop.app):
        return list(await asyncio.gather(*(ask() for _ in range(count))))


def test_who_has_waited_for_several_at_once_gets_them_all(shop: Any) -> None:
    async def test() -> None:
        async with _engine(shop).connect():
            waiting = asyncio.create_task(_asked(shop, 3))
            await asyncio.sleep(0.05)
            assert not waiting.done()
        assert await waiting == [1, 1, 1]

    _run(shop, test)


def test_the_turn_of_who_is_cancelled_is_the_next_one_s(shop: Any) -> None:
    async def test() -> None:
        held = await _engine(shop).connect()
        first, second = (asyncio.create_task(_asked(shop)) for _ in range(2))
        await asyncio.sleep(0.05)
        await held.close()
        first.cancel()
        assert await second == [1]
        with pytest.raises(asyncio.CancelledError):
            await first

    _run(shop, test)
