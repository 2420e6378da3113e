"""A pooler in front of PostgreSQL: no statement is looked for on the connection of another transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import exc, literal, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from migrator.runtime.db import create_engines, poolers
from tests.pooler import pooled


@pytest.fixture
def pooler_url(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # A socket's path is short.
    folder: Path = tmp_path_factory.mktemp("p")
    with pooled(postgres_url, folder) as url:
        yield url


def _run(url: str, test: Callable[[AsyncEngine], Awaitable[Any]], **options: Any) -> Any:
    async def main() -> Any:
        engines = create_engines(url, async_options=options)
        try:
            return await test(engines.async_)
        finally:
            await engines.dispose()

    return asyncio.run(main())


async def _failures(engine: AsyncEngine, at_once: int = 10) -> int:
    """How many of 80 transactions fail, of two statements each with values."""
    free = asyncio.Semaphore(at_once)

    async def one(number: int) -> bool:
        async with free:
            try:
                async with engine.connect() as connection:
                    for value in (number, str(number)):
                        st: Any = select(literal(value), literal_column(str(number % 4)))
                        found = (await connection.execute(st)).one()
                        assert tuple(found) == (value, number % 4)
                    await connection.commit()
            except exc.DBAPIError:
                return True
            return False

    return sum(await asyncio.gather(*map(one, range(80))))


async def _prepared(engine: AsyncEngine) -> int:
    """How many statements the server has prepared under a name, after three that are alike."""
    async with engine.connect() as connection:
        for value in range(3):
            await connection.execute(select(literal(value)))
        named = await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
        return int(named or 0)


def test_no_transaction_fails_behind_a_pooler(pooler_url: str) -> None:
    assert _run(pooler_url, _failures) == 0
    assert _run(pooler_url, _failures, isolation_level="AUTOCOMMIT") == 0


def test_with_prepared_statements_they_do(pooler_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unseen(_: Any) -> bool:
        return False

    monkeypatch.setattr(poolers, "_is_pooled", unseen)
    # Each transaction gets the next one of the pooler's connections.
    assert _run(pooler_url, partial(_failures, at_once=1), pool_size=1) > 0


def test_without_a_pooler_statements_stay_prepared(postgres_url: str, pooler_url: str) -> None:
    assert _run(postgres_url, _prepared) > 0
    assert _run(pooler_url, _prepared) == 0


def test_what_connect_args_say_stands(pooler_url: str) -> None:
    keeps = {
        "statement_cache_size": 100,
        "prepared_statement_cache_size": 100,
        "prepared_statement_name_func": lambda: None,
    }
    assert _run(pooler_url, _prepared, connect_args=keeps) > 0
