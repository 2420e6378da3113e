"""What an application listens to on `db.engine` while it is set up holds for both engines."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from migrator.runtime.db import Engines, bridge, create_engines, create_twin_engine
from migrator.runtime.db.twins import async_engine


def _listen(engine: sa.Engine, heard: list[str]) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        heard.append("connect")

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def other_text(conn: Any, cursor: Any, text: str, given: Any, *_: Any) -> tuple[str, Any]:
        return text.replace("41", "42"), given

    @event.listens_for(engine, "before_cursor_execute", named=True)
    def seen(statement: str, **_: Any) -> None:
        heard.append(statement)


_ASKED = sa.text("SELECT 41")
_HEARD = ["connect", "SELECT 42"]


async def _asked(engines: Engines) -> Any:
    try:
        async with engines.async_.connect() as connection:
            return await connection.scalar(_ASKED)
    finally:
        await engines.dispose()


def test_the_async_engine_hears_what_was_put_on_the_sync_one(database_url: str) -> None:
    engines, heard = create_engines(database_url), list[str]()
    _listen(engines.sync, heard)
    assert asyncio.run(_asked(engines)) == 42
    assert heard == _HEARD


def test_and_the_other_way_round(database_url: str) -> None:
    engines, heard = create_engines(database_url), list[str]()
    _listen(engines.async_.sync_engine, heard)
    with engines.sync.connect() as connection:
        assert connection.scalar(_ASKED) == 42
    engines.sync.dispose()
    assert heard == _HEARD


def test_an_engine_of_the_applications_own(database_url: str) -> None:
    engine, heard = create_twin_engine(database_url), list[str]()
    _listen(engine, heard)

    async def ask() -> Any:
        twin = async_engine(engine)
        try:
            async with twin.connect() as connection:
                return await connection.scalar(_ASKED)
        finally:
            await twin.dispose()

    assert asyncio.run(ask()) == 42
    assert heard == _HEARD


def test_foreign_keys_that_the_factory_turns_on(make_shop: Any, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url)
    db, models = shop.db, shop.models

    @event.listens_for(db.engine, "connect")
    def foreign_keys(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    async def test() -> None:
        with pytest.raises(sa.exc.IntegrityError, match="FOREIGN KEY"):
            await db.session.execute(sa.insert(models.Order).values(customer_id=99))
        await db.session.rollback()
        assert await bridge(lambda: db.session.execute(sa.text("PRAGMA foreign_keys")).scalar())

    shop.run(test)
