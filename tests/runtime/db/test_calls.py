"""`call`, `call_sync` and `reload`: what converted code uses where the run decides."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from migrator.runtime.db import OutsideBridge, bridge, call, call_sync, create_engines, reload


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Parent(Base):
    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    children: Mapped[list[Child]] = relationship()


class Child(Base):
    __tablename__ = "child"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id"))


def plain(x: int) -> int:
    return x + 1


async def coroutine(x: int) -> int:
    await asyncio.sleep(0)
    return x + 2


def test_call_serves_both_kinds() -> None:
    async def run() -> tuple[int, int, int]:
        return await call(plain, 1), await call(coroutine, 1), await call(lambda: coroutine(5))

    assert asyncio.run(run()) == (2, 3, 7)


def test_call_sync_serves_both_kinds_inside_the_bridge() -> None:
    async def run() -> tuple[int, int]:
        return await bridge(lambda: (call_sync(plain, 1), call_sync(coroutine, 1)))

    assert asyncio.run(run()) == (2, 3)


def test_call_sync_in_async_code_refuses_an_awaitable() -> None:
    async def run() -> None:
        with pytest.raises(OutsideBridge):
            call_sync(coroutine, 1)

    asyncio.run(run())
    # Without an event loop there is nothing that it could stop.
    assert call_sync(coroutine, 1) == 3


def test_reload_reads_expired_instances_by_one_select_each(database_url: str) -> None:
    async def run() -> None:
        engines = create_engines(database_url)
        try:
            async with engines.async_.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            async with engines.async_sessionmaker() as session:
                await _reload(session)
        finally:
            await engines.dispose()

    asyncio.run(run())


async def _reload(session: AsyncSession) -> None:
    session.sync_session.expire_on_commit = True
    parents = [Parent(id=1, name="a"), Parent(id=2, name="b")]
    session.add_all(parents)
    await session.commit()
    statements: list[str] = []
    bind = session.get_bind()

    @event.listens_for(bind, "before_cursor_execute")
    def count(*args: object) -> None:
        statements.append(str(args[2]))

    assert [p.name for p in await reload(parents)] == ["a", "b"]
    assert len(statements) == 2
    await reload(parents)
    await reload({"x": parents[0], "y": None, "z": 3})
    assert len(statements) == 2
    await session.delete(parents[0])
    await session.commit()
    assert await reload(parents[0]) is parents[0]
    assert (await session.scalars(select(Parent))).one().name == "b"
    event.remove(bind, "before_cursor_execute", count)
