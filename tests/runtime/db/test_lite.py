"""`SQLAlchemy` of `migrator.runtime.db.lite`: settings, named sessions, engines that are asynchronous already."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import StaticPool, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.exceptions import Gone, NotFound

from migrator.runtime.db import OutsideScope, Unsupported, bridge
from migrator.runtime.db.lite import SQLAlchemy
from tests.runtime.db.conftest import FakeApp


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "lite_orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]


def made(db: SQLAlchemy, tmp_path: Path, **config: Any) -> FakeApp:
    app = FakeApp(tmp_path, **config)
    db.init_app(app)
    for engine in db.engines.values():
        Base.metadata.create_all(engine)
    return app


def test_engines_that_are_asynchronous_already(tmp_path: Path) -> None:
    db = SQLAlchemy()
    url = "sqlite+aiosqlite:///orders.db"
    app = made(
        db,
        tmp_path,
        SQLALCHEMY_ASYNC_ENGINES={"default": url, "memory": {"url": "sqlite+aiosqlite://"}},
    )
    assert db.get_async_engine("memory").pool.__class__ is StaticPool

    async def main() -> None:
        async with db.async_engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with db.scope(app):
            session = db.async_session
            assert isinstance(session, AsyncSession)
            assert session is db.get_async_session("default")
            session.add(Order(id=1, number="a"))
            await session.commit()
            other = db.get_async_session("other")
            assert (await other.scalars(select(Order.number))).all() == ["a"]
            assert (await db.async_get_or_abort(Order, 1)).number == "a"
            with pytest.raises(Gone):
                await db.async_one_or_abort(select(Order).where(Order.id == 2), code=410)
        assert not other.in_transaction()
        async with db.async_sessionmaker() as own:
            assert await own.scalar(select(func.count(Order.id))) == 1
        await db.dispose(app)

    asyncio.run(main())
    assert (tmp_path / "orders.db").exists()
    with pytest.raises(Unsupported), db.sync_scope(app):
        _ = db.async_session


def test_named_sessions_end_with_their_scope(tmp_path: Path) -> None:
    db = SQLAlchemy(session_options={"expire_on_commit": False})
    app = made(db, tmp_path, SQLALCHEMY_ENGINES={"default": "sqlite:///orders.db"})
    with pytest.raises(OutsideScope):
        db.get_session("other").add(Order())
    with db.sync_scope(app):
        other: Any = db.get_session("other")
        other.add(Order(number="a"))
        other.commit()
        db.session.add(Order(number="lost"))
        db.session.flush()  # type: ignore[unused-coroutine]  # a sync one here
        assert isinstance(db.session, Session)
        assert other.scalar(select(func.count(Order.id))) == 1
    with db.sync_scope(app):
        assert list(other) == []

    async def main() -> None:
        async with db.scope(app):
            assert (await db.get_session("other").scalars(select(Order.number))).all() == ["a"]
            assert db.get_session("other") is other
            assert db.get_session() is db.session
            with pytest.raises(NotFound):
                await db.get_or_abort(Order, 9, session=other)
            assert (await bridge(db.get_or_abort, Order, 1)).number == "a"
        await db.dispose(app)

    asyncio.run(main())


def test_what_sessions_are_made_with_can_be_changed_later(tmp_path: Path) -> None:
    db = SQLAlchemy()
    app = made(db, tmp_path, SQLALCHEMY_ENGINES={"default": {"url": "sqlite://", "echo": "false"}})
    db.sessionmaker.configure(autoflush=False)
    with db.sync_scope(app):
        assert db.session.autoflush is False
        assert db.sessionmaker().autoflush is False

    async def main() -> None:
        async with db.scope(app):
            assert db.session.sync_session.autoflush is False
        await db.dispose(app)

    asyncio.run(main())


def test_classes_that_are_bound_to_the_only_engine(tmp_path: Path) -> None:
    db = SQLAlchemy(session_options={"binds": {Order: "orders"}})
    app = made(db, tmp_path, SQLALCHEMY_ENGINES={"orders": "sqlite://"})
    assert list(db.engines) == ["orders"]
    with db.sync_scope(app):
        assert db.session.bind is None
        assert db.session.scalar(select(func.count(Order.id))) == 0  # type: ignore[comparison-overlap]  # a sync one here
    with pytest.raises(KeyError, match="default"):
        _ = db.engine


def test_a_bad_setting_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="must be set"):
        made(SQLAlchemy(), tmp_path)
    with pytest.raises(RuntimeError, match="url"):
        made(SQLAlchemy(), tmp_path, SQLALCHEMY_ENGINES={"default": {"echo": True}})
    with pytest.raises(RuntimeError, match="binds"):
        made(
            SQLAlchemy(session_options={"binds": {Order: "x"}}),
            tmp_path,
            SQLALCHEMY_ENGINES={"default": "sqlite://"},
        )
    app = made(SQLAlchemy(), tmp_path, SQLALCHEMY_ENGINES={"default": "sqlite://"})
    with pytest.raises(RuntimeError, match="already"):
        SQLAlchemy(app)
    with pytest.raises(Unsupported):
        app.extensions["sqlalchemy"].test_isolation()
