"""Sessions without an extension: what they are to async code, to sync code, and at a task's end."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship
from werkzeug.exceptions import NotFound

from migrator.runtime.db import (
    OutsideBridge,
    OwnSession,
    SQLAlchemy,
    async_engine,
    async_scoped_session,
    async_sessionmaker,
    bridge,
    create_twin_engine,
    dispose_twins,
    run_guarded,
    unbridged,
)

Base: Any = declarative_base()


class Item(Base):  # type: ignore[misc]  # declarative_base() is Any
    __tablename__ = "items"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(20))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_twin_engine(database_url)
    Base.metadata.create_all(made)
    yield made
    made.dispose()


def run(test: Callable[[], Awaitable[None]]) -> None:
    """As a request is run: guarded, on an event loop."""

    async def main() -> None:
        async def guarded() -> None:
            await test()

        try:
            await asyncio.create_task(run_guarded(guarded()))
        finally:
            await asyncio.sleep(0)
            await dispose_twins()

    asyncio.run(main())


def test_one_session_is_awaited_in_async_code_and_sync_in_the_bridge(engine: Engine) -> None:
    maker = async_sessionmaker(engine)

    async def test() -> None:
        async with maker() as session:
            session.add(Item(name="a"))
            await session.flush()

            def inside() -> int:
                count: int = session.query(Item).count()
                session.add(Item(name="b"))
                session.sync_session.commit()
                session.commit()
                return count

            assert await bridge(inside) == 1
            assert await session.scalar(sa.select(sa.func.count(Item.id))) == 2
            # A plain function can't await either: it gets the sync session.
            assert (lambda: [i.name for i in plainly(session)])() == ["a", "b"]
            with pytest.raises(OutsideBridge):
                session.query(Item)

    run(test)


def plainly(session: Any) -> Any:
    return session.scalars(sa.select(Item).order_by(Item.id)).all()


def test_without_an_event_loop_it_is_a_sync_session_over_the_sync_engine(engine: Engine) -> None:
    maker = async_sessionmaker(bind=engine)
    with maker.begin() as session:
        session.add(Item(name="a"))
    with OwnSession(engine) as session:
        assert session.query(Item).one().name == "a"
        assert session.get_bind() is engine


def test_a_registry_has_a_session_a_task_and_one_a_thread(engine: Engine) -> None:
    registry = async_scoped_session(async_sessionmaker(engine))
    Base.query = registry.query_property()
    mine = registry()
    assert registry() is mine
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(registry()))
    thread.start()
    thread.join()
    assert found[0] is not mine

    async def test() -> None:
        assert registry() is not mine
        registry.add(Item(name="a"))
        await registry.commit()
        assert await bridge(lambda: Item.query.count()) == 1
        here = registry()
        assert await bridge(registry) is here
        await registry.remove()
        assert registry() is not here

    run(test)
    registry.remove()  # type: ignore[unused-coroutine]  # no event loop runs here
    assert registry() is not mine


class Registry(async_scoped_session):
    """An application's own registry."""

    limit = 2

    def first(self) -> Any:
        return self.query(Item).order_by(Item.id).limit(self.limit).first()

    def remove(self) -> Any:
        self.removed = True
        return super().remove()


def test_a_registry_below_it_has_its_own_beside_the_sessions_of_tasks(engine: Engine) -> None:
    registry = Registry(async_sessionmaker(engine), scopefunc=threading.get_ident)
    sessions: list[Any] = []

    async def add(name: str) -> None:
        registry.add(Item(name=name))
        await registry.commit()
        mine = registry()
        await asyncio.sleep(0)
        assert registry() is mine
        sessions.append(mine)

    async def test() -> None:
        await asyncio.gather(add("a"), add("b"))
        assert sessions[0] is not sessions[1]
        registry.limit = 1
        found = await bridge(registry.first)
        assert found.name in ("a", "b")
        here = registry()
        await bridge(registry.remove)
        assert registry.removed
        assert registry() is not here

    run(test)
    registry.remove()


def test_what_a_task_leaves_open_gives_its_connection_back(engine: Engine) -> None:
    maker = async_sessionmaker(engine)
    registry = async_scoped_session(maker)

    async def left() -> None:
        await registry.execute(sa.select(1))
        await maker().execute(sa.select(1))

    async def test() -> None:
        await asyncio.create_task(left())
        pool: Any = async_engine(engine).pool
        for _ in range(100):
            if pool.checkedout() == 0:
                break
            await asyncio.sleep(0.01)
        assert pool.checkedout() == 0

    run(test)


def test_listeners_and_classes_are_as_before(engine: Engine) -> None:
    class Own(Session):
        pass

    maker = async_sessionmaker(engine, class_=Own)
    heard: list[str] = []
    event.listen(engine, "connect", lambda *_: heard.append("connect"))
    event.listen(maker, "before_commit", lambda session: heard.append(type(session).__name__))

    async def test() -> None:
        async with maker.begin() as session:
            assert isinstance(session.sync_session, Own)
            await session.execute(sa.select(1))

    run(test)
    assert heard == ["connect", "Own"]


def test_tables_without_a_session_go_over_the_async_driver_in_the_bridge(engine: Engine) -> None:
    async def test() -> None:
        def inside() -> tuple[bool, int]:
            with engine.begin() as connection:
                connection.execute(sa.insert(Item), [{"name": "a"}, {"name": "b"}])
                count = connection.scalar(sa.select(sa.func.count(Item.id)))
                return connection.dialect.is_async, count or 0

        assert await bridge(inside) == (True, 2)

    run(test)
    with engine.connect() as connection:
        assert not connection.dialect.is_async


def test_an_engine_that_only_the_event_loop_has_connected_is_inspected(
    engine: Engine, database_url: str
) -> None:
    unused = create_twin_engine(database_url)

    async def test() -> None:
        def inside() -> list[Any]:
            engines = unused, unused.execution_options(logging_token="x")
            return [[c["name"] for c in sa.inspect(e).get_columns("items")] for e in engines]

        assert await bridge(inside) == [["id", "name"]] * 2

    run(test)
    assert sa.inspect(unused).has_table("items")
    unused.dispose()


def test_an_engine_with_options_has_a_twin_with_them(engine: Engine) -> None:
    at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
    assert async_engine(at_once) is async_engine(at_once) is not async_engine(engine)

    async def test() -> None:
        async with async_sessionmaker(at_once)() as session, async_sessionmaker(engine)() as other:
            session.add(Item(id=1, name="a"))
            await session.flush()
            await session.scalar(sa.select(sa.func.count(Item.id)))
            # Nothing has committed, and all others see it.
            assert await other.scalar(sa.select(Item.name)) == "a"

        def without_a_session() -> Any:
            with at_once.connect() as connection:
                assert connection.dialect.is_async
                connection.execute(sa.update(Item).values(name="b"))
            with engine.execution_options(logging_token="x").begin() as connection:
                return connection.scalar(sa.select(Item.name))

        assert await bridge(without_a_session) == "b"

    run(test)
    with at_once.connect() as connection:
        assert not connection.dialect.is_async


def test_a_url_that_is_none_is_what_create_engine_says_of_it() -> None:
    with pytest.raises(sa.exc.NoSuchModuleError, match="nosuch"):
        create_twin_engine("nosuch://localhost/other")


def test_a_backref_is_there_before_the_first_statement(engine: Engine) -> None:
    # `select()` configures no mappers; `session.query()`, for which it stands, does.
    base: Any = declarative_base()
    session = async_sessionmaker(engine)()

    class Parent(base):  # type: ignore[misc]  # declarative_base() is Any
        __tablename__ = "parents"
        id = sa.Column(sa.Integer, primary_key=True)
        # The sessions of a module are made before all models are there.
        children = relationship("Child", backref="parent")

    class Child(base):  # type: ignore[misc]
        __tablename__ = "children"
        id = sa.Column(sa.Integer, primary_key=True)
        parent_id = sa.Column(sa.Integer, sa.ForeignKey("parents.id"))

    base.metadata.create_all(engine)

    async def test() -> None:
        found = await session.scalars(sa.select(Child).options(joinedload(Child.parent)))
        assert found.all() == []
        await session.close()

    run(test)


def test_one_in_the_place_of_db_session_is_asked_for_what_flask_sqlalchemy_asks(
    engine: Engine,
) -> None:
    db = SQLAlchemy()
    db.session = async_scoped_session(async_sessionmaker(bind=engine))  # type: ignore[assignment]  # as tests do

    def ask() -> list[str]:
        found: Any = db.paginate(sa.select(Item).order_by(Item.id), page=1, per_page=1)
        item: Any = db.get_or_404(Item, 2)
        return [*(row.name for row in found), item.name]

    async def test() -> None:
        await bridge(db.session.add_all, [Item(id=1, name="a"), Item(id=2, name="b")])
        await db.session.flush()
        found = await db.paginate(sa.select(Item).order_by(Item.id), page=1, per_page=1)
        item: Any = await db.get_or_404(Item, 2)
        assert [*(row.name for row in found), item.name] == await bridge(ask) == ["a", "b"]
        with pytest.raises(NotFound):
            await db.get_or_404(Item, 3)
        await db.session.remove()  # type: ignore[attr-defined]

    run(test)


def test_an_engine_that_nobody_has_goes_with_its_twin(tmp_path: Path) -> None:
    async def used() -> weakref.ref[Engine]:
        engine = create_twin_engine(f"sqlite:///{tmp_path / 'short.db'}")
        async with async_engine(engine).connect() as connection:
            await connection.execute(sa.text("select 1"))
        await async_engine(engine).dispose()
        return weakref.ref(engine)

    async def main() -> None:
        kept = [await used() for _ in range(3)]
        gc.collect()
        assert [engine() for engine in kept] == [None] * 3

    asyncio.run(main())


def test_what_is_attached_to_a_database_in_memory_outlives_a_connection_left_open(
    tmp_path: Path,
) -> None:
    other = sa.create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with other.begin() as connection:
        connection.execute(sa.text("create table books (id integer)"))
    other.dispose()

    def attached() -> Engine:
        engine = create_twin_engine("sqlite://", poolclass=sa.StaticPool)
        with engine.begin() as connection:
            connection.execute(sa.text(f"attach database '{tmp_path / 'other.db'}' as other"))
        left = engine.connect()
        left.execute(sa.text("select 1"))
        return engine

    async def main() -> None:
        engine = await bridge(attached)
        async with OwnSession(engine) as session:
            assert (await session.scalars(sa.text("select count(*) from books"))).all() == [0]

    run(main)


def test_what_runs_alone_executes_over_the_sync_driver(engine: Engine) -> None:
    """A job of a thread, a command: a coroutine function without an event loop that serves requests."""
    session = async_scoped_session(async_sessionmaker(bind=engine))

    @unbridged
    async def job() -> list[Any]:
        session.add(Item(name="by a job"))
        await session.flush()
        rows: Any = (await session.execute(sa.select(Item.name))).all()
        found = [*rows, (await session.execute(sa.text("SELECT name FROM items"))).scalar()]
        await session.remove()
        return found

    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(job()))
    thread.start()
    thread.join()
    assert found == [("by a job",), "by a job"]
