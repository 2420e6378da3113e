"""Sessions that are known when the code runs: of a dynamic relationship's object, of a class's queries."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    scoped_session,
    sessionmaker,
)

from migrator.runtime.db import owner_count, owner_rows, session_of_queries
from migrator.runtime.db.errors import Unsupported


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("boxes.id"))


class Box(Base):
    __tablename__ = "boxes"
    id: Mapped[int] = mapped_column(primary_key=True)
    items = relationship(Item, lazy="dynamic", order_by=Item.id)


async def _ask() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        box = Box(items=[Item(), Item()])
        assert await owner_count(box.items) == len((await owner_rows(box.items)).all()) == 2
        session.add(box)
        # What is pending is flushed first.
        assert [item.id for item in await owner_rows(box.items)] == [1, 2]
        assert await owner_count(box.items.filter(Item.id > 1)) == 1
        assert (await owner_rows(box.items.order_by(None).limit(1))).one().id == 1
        box.items.append(Item())
        with session.no_autoflush:
            assert await owner_count(box.items) == 2
        assert await owner_count(box.items) == 3
        assert await owner_rows([1]) == [1]
        await session.commit()
    await engine.dispose()


def test_an_objects_own_session_is_asked() -> None:
    asyncio.run(_ask())


def test_an_object_of_a_sync_session_is_refused() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        box = Box(items=[Item()])
        session.add(box)
        session.flush()
        with pytest.raises(Unsupported, match="sync Session"):
            asyncio.run(owner_rows(box.items))
    engine.dispose()


def test_a_registry_that_was_not_converted_is_refused() -> None:
    class Kept(Base):
        __tablename__ = "kept"
        id: Mapped[int] = mapped_column(primary_key=True)
        query = scoped_session(sessionmaker()).query_property()

    with pytest.raises(Unsupported, match="session in async code"):
        session_of_queries(Kept)
