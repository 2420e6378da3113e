"""The table "What is said, and what is so" of the playbook, shown row by row.

Each row of the table names the test here that shows it, and each test has its row.
"""

from __future__ import annotations

import asyncio
import gc
import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import greenlet
import httpx
import pytest
import sqlalchemy as sa
from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import ForeignKey, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import NullPool
from sqlalchemy.util import greenlet_spawn

from migrator.runtime.db import DatabaseUrls, create_engines

PLAYBOOK = Path(__file__).parents[2] / "playbook.md"


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list[Book]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


def fill(url: str) -> DatabaseUrls:
    """Two authors, the first with three books."""
    urls = DatabaseUrls.parse(url)
    engine = sa.create_engine(urls.sync, poolclass=NullPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Author(name="Ada", books=[Book(), Book(), Book()]), Author(name="Bo")])
        session.commit()
    engine.dispose()
    return urls


def over(urls: DatabaseUrls, use: Callable[[AsyncEngine], Awaitable[None]], **options: Any) -> None:
    """Run `use` with an engine exactly as SQLAlchemy makes it."""

    async def run() -> None:
        arguments = dict(urls.async_connect_args)
        engine = create_async_engine(urls.async_, connect_args=arguments, **options)
        try:
            await use(engine)
        finally:
            await engine.dispose()

    asyncio.run(run())


# ------------------------------------------------------------------ greenlets and the loop


def test_run_sync_stays_on_the_loops_thread(sqlite_url: str) -> None:
    async def use(engine: AsyncEngine) -> None:
        others: list[str] = []

        def work(session: Session) -> tuple[int, list[str]]:
            asyncio.get_running_loop().call_soon(others.append, "another request")
            return threading.get_ident(), list(others)

        async with AsyncSession(engine) as session:
            assert await session.run_sync(work) == (threading.get_ident(), [])

    over(fill(sqlite_url), use)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_a_lazy_load_raises_missing_greenlet(sqlite_url: str) -> None:
    assert not hasattr(sa.exc, "GreenletSpawnError")

    async def use(engine: AsyncEngine) -> None:
        async with AsyncSession(engine) as session:
            book = (await session.scalars(select(Book).limit(1))).one()
            with pytest.raises((MissingGreenlet, StatementError)) as caught:
                _ = book.author.name
            error = caught.value
            assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet)
            assert (await session.run_sync(lambda _: book.author.name)) == "Ada"

    over(fill(sqlite_url), use)
    gc.collect()  # what SQLAlchemy could not await is complained about here, not in another test


def test_every_statement_runs_in_a_greenlet(postgres_url: str) -> None:
    async def use(engine: AsyncEngine) -> None:
        inside: list[bool] = []

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def note(*_: object) -> None:
            inside.append(greenlet.getcurrent().parent is not None)

        async with engine.connect() as connection:
            await connection.execute(sa.text("SELECT 1"))
        assert inside == [True]

    over(fill(postgres_url), use)


# ------------------------------------------------------------------------------- sessions


def test_stream_gives_rows(sqlite_url: str) -> None:
    async def use(engine: AsyncEngine) -> None:
        async with AsyncSession(engine) as session:
            rows = [row async for row in await session.stream(select(Author))]
            assert [type(row).__name__ for row in rows] == ["Row", "Row"]
            authors = [a async for a in await session.stream_scalars(select(Author))]
            assert all(isinstance(a, Author) for a in authors)

    over(fill(sqlite_url), use)


def test_autoflush_and_expire_on_commit_are_on() -> None:
    session = AsyncSession()
    assert session.sync_session.autoflush
    assert session.sync_session.expire_on_commit


def test_async_with_closes_the_session(sqlite_url: str) -> None:
    async def use(engine: AsyncEngine) -> None:
        async with AsyncSession(engine) as session:
            await session.execute(select(Author))
            assert _checked_out(engine) == 1
        assert _checked_out(engine) == 0

    over(fill(sqlite_url), use)


def _checked_out(engine: AsyncEngine) -> int:
    return int(engine.pool.checkedout())  # type: ignore[attr-defined]  # the queue pool's


def test_one_session_in_gather_is_no_error_once_connected(postgres_url: str) -> None:
    async def use(engine: AsyncEngine) -> None:
        def both(session: AsyncSession) -> Awaitable[list[Any]]:
            ask = [session.scalar(select(sa.func.count(Book.id))) for _ in range(2)]
            return asyncio.gather(*ask, return_exceptions=True)

        async with AsyncSession(engine) as session:
            first = await both(session)
            assert any(isinstance(answer, InvalidRequestError) for answer in first)
        async with AsyncSession(engine) as session:
            _ = await session.connection()
            assert await both(session) == [3, 3]

    over(fill(postgres_url), use)


# -------------------------------------------------------------------------------- engines


def test_an_engine_belongs_to_one_event_loop(postgres_url: str) -> None:
    urls = fill(postgres_url)

    def twice(**options: Any) -> None:
        engine = create_async_engine(
            urls.async_, connect_args=dict(urls.async_connect_args), **options
        )

        async def use() -> None:
            async with engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))

        with asyncio.Runner() as first:
            first.run(use())
            try:
                asyncio.run(use())
            finally:
                first.run(engine.dispose())

    with pytest.raises((RuntimeError, DBAPIError)):
        twice()
    twice(poolclass=NullPool)


def test_dispose_leaves_checked_out_connections_alone(sqlite_url: str) -> None:
    async def use(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            pool = engine.pool
            await engine.dispose()
            assert await connection.scalar(select(sa.func.count(Book.id))) == 3
        await greenlet_spawn(pool.dispose)  # it went back to the old pool

    over(fill(sqlite_url), use)


def test_future_is_no_option_any_more(sqlite_url: str) -> None:
    sa.create_engine(sqlite_url, future=True)
    with pytest.raises(sa.exc.ArgumentError):
        sa.create_engine(sqlite_url, future=False)


def test_passwords_in_urls_need_url_create() -> None:
    from urllib.parse import quote_plus

    assert make_url(f"postgresql://u:{quote_plus('a b')}@h/d").password == "a+b"
    assert "secret" in (make_url("postgresql://u:p@secret@h/d").host or "") or "secret" in (
        make_url("postgresql://u:p/secret@h/d").render_as_string()
    )
    url = URL.create("postgresql+asyncpg", "u", "a b@/:", "h", database="d")
    assert make_url(url.render_as_string(hide_password=False)).password == "a b@/:"


def test_a_bare_postgresql_url_changes_its_meaning() -> None:
    dialect = make_url("postgresql://h/d").get_dialect()
    expected = "psycopg" if sa.__version__ >= "2.1" else "psycopg2"
    assert dialect.driver == expected
    assert DatabaseUrls.parse("postgresql://h/d").sync.drivername == "postgresql+psycopg2"


def test_asyncpg_refuses_options_and_values_of_psycopg2(postgres_url: str) -> None:
    urls = fill(postgres_url)
    ask = select(Book.id).where(Book.id == "1")

    async def use(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            with pytest.raises(DBAPIError):
                await connection.execute(ask)

    over(urls, use)

    async def ours() -> None:
        engines = create_engines(postgres_url)
        async with engines.async_.connect() as connection:
            assert await connection.scalar(ask) == 1
        await engines.dispose()

    asyncio.run(ours())

    async def refused() -> None:
        engine = create_async_engine(urls.async_.update_query_dict({"sslmode": "disable"}))
        with pytest.raises(TypeError, match="sslmode"):
            _ = await engine.connect()

    asyncio.run(refused())
    assert "sslmode" not in DatabaseUrls.parse("postgresql://h/d?sslmode=disable").async_.query


def test_sqlite_in_memory_is_one_transaction_for_all() -> None:
    async def use(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as ours:
            ours.add(Author(name="Ada"))
            await ours.flush()
            async with AsyncSession(engine) as theirs:
                assert await theirs.scalar(select(Author.name)) == "Ada"
            assert await ours.scalar(select(Author.name)) is None

    over(DatabaseUrls.parse("sqlite://"), use)


def test_the_usual_foreign_key_listener_does_nothing_under_aiosqlite(sqlite_url: str) -> None:
    def idiom(connection: object, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA foreign_keys=ON")

    async def use(engine: AsyncEngine) -> None:
        event.listen(engine.sync_engine, "connect", idiom)
        async with engine.connect() as connection:
            assert await connection.scalar(sa.text("PRAGMA foreign_keys")) == 0

    over(fill(sqlite_url), use)

    async def ours() -> None:
        engines = create_engines(sqlite_url, sqlite_foreign_keys=True)
        async with engines.async_.connect() as connection:
            assert await connection.scalar(sa.text("PRAGMA foreign_keys")) == 1
        await engines.dispose()

    asyncio.run(ours())


def test_two_sides_of_one_request_wait_for_each_other(postgres_url: str) -> None:
    fill(postgres_url)
    lock = "UPDATE author SET name = 'x' WHERE id = 1"

    async def use() -> None:
        engines = create_engines(postgres_url, lock_timeout=0.1)
        async with engines.async_.begin() as ours:
            await ours.execute(sa.text(lock))
            with engines.sync.connect() as theirs, pytest.raises(DBAPIError, match="lock timeout"):
                await asyncio.to_thread(theirs.execute, sa.text(lock))
        await engines.dispose()

    asyncio.run(use())


def test_postgresql_keeps_three_connections_for_itself(postgres_url: str) -> None:
    async def use(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            said = await connection.scalar(sa.text("SHOW superuser_reserved_connections"))
            assert said == "3"

    over(fill(postgres_url), use)


# ------------------------------------------------------------------------------ FastAPI


def test_a_dependency_ends_after_the_response_unless_told() -> None:
    events: list[str] = []

    async def unit_of_work() -> AsyncIterator[str]:
        yield "session"
        events.append("commit")
        raise RuntimeError("a deferred constraint failed")

    app = FastAPI()

    @app.get("/late")
    async def by_default(tasks: BackgroundTasks, session: str = Depends(unit_of_work)) -> str:
        tasks.add_task(events.append, "task")
        return session

    @app.get("/early")
    async def before(session: str = Depends(unit_of_work, scope="function")) -> str:
        return session

    async def ask(path: str) -> int:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get(path)).status_code

    assert asyncio.run(ask("/late")) == 200
    assert events == ["task", "commit"]
    assert asyncio.run(ask("/early")) == 500


# ------------------------------------------------------------------------------ queries


def test_select_keeps_the_duplicates_that_query_drops(sqlite_url: str) -> None:
    engine = sa.create_engine(fill(sqlite_url).sync)
    with Session(engine) as session:
        assert len(session.query(Author).join(Author.books).all()) == 1
        joined = select(Author).join(Author.books)
        assert len(session.scalars(joined).all()) == 3
        assert len(session.scalars(joined).unique().all()) == 1
    engine.dispose()


def test_session_scalar_is_neither_first_nor_query_scalar(sqlite_url: str) -> None:
    urls = fill(sqlite_url)
    statements: list[str] = []
    engine = sa.create_engine(urls.sync)

    @event.listens_for(engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    with Session(engine) as session:
        assert session.query(Author).first() is not None
        assert "LIMIT" in statements[-1]
        assert session.scalar(select(Author)) is not None
        assert "LIMIT" not in statements[-1]
        with pytest.raises(sa.exc.MultipleResultsFound):
            session.query(Author.id).scalar()
    engine.dispose()


def test_a_forgotten_await_is_true() -> None:
    async def may_enter() -> bool:
        return False

    forgotten = may_enter()
    assert forgotten  # type: ignore[truthy-bool]  # mypy sees it: that is the playbook's advice
    forgotten.close()


# ---------------------------------------------------------------------------- the table


def test_the_table_and_the_tests_are_the_same() -> None:
    shown = re.findall(r"\| `(test_\w+)` \|$", PLAYBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    tests = [name for name in globals() if name.startswith("test_")]
    assert sorted(shown) == sorted(set(tests) - {"test_the_table_and_the_tests_are_the_same"})
