"""A test suite makes an application for each test: what was made for one goes with it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any
from weakref import ref

import pytest
import sqlalchemy as sa

from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.compat import App
from migrator.runtime.db import SQLAlchemy, bridge


def _used(make: Callable[..., Any], database_url: str) -> tuple[SQLAlchemy, ref[Any]]:
    """An application that has asked its database on both engines, and is no longer held."""
    db = SQLAlchemy()
    app = make("shop")
    app.config.update(SQLALCHEMY_DATABASE_URI=database_url, SQLALCHEMY_RECORD_QUERIES=True)
    db.init_app(app)

    def ask() -> Any:
        return db.session.execute(sa.text("SELECT 1")).scalar()  # type: ignore[attr-defined]  # sync in the bridge

    async def on_the_loop() -> None:
        async with db.scope(app):
            assert await bridge(ask) == 1
        await db.dispose(app)

    asyncio.run(on_the_loop())
    with db.sync_scope(app):
        assert ask() == 1
    db.engines_for(app).sync.dispose()
    return db, ref(app)


@pytest.mark.parametrize("make", [App, AsyncFlask])
def test_an_application_is_freed(make: Callable[..., Any], database_url: str) -> None:
    db, app = _used(make, database_url)
    gc.collect()
    assert app() is None
    assert not db._engines
