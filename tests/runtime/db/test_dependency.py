"""The session as a FastAPI dependency: one a request, committed before the response goes out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from migrator.runtime.db import (
    OutsideScope,
    SessionDep,
    create_engines,
    current_scope,
    get_session,
    lifespan,
)


class Base(DeclarativeBase):
    pass


class Parent(Base):
    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)


class Child(Base):
    __tablename__ = "child"
    id: Mapped[int] = mapped_column(primary_key=True)
    # Checked at COMMIT, not before
    parent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("parent.id", deferrable=True, initially="DEFERRED")
    )


def make_app(url: str) -> FastAPI:
    engines = create_engines(url, sqlite_foreign_keys=True)
    Base.metadata.create_all(engines.sync)
    engines.sync.dispose()
    app = FastAPI(lifespan=lifespan(engines))

    def same(session: SessionDep) -> AsyncSession:
        return session

    @app.post("/parents/{n}")
    async def add(n: int, session: SessionDep, again: AsyncSession = Depends(same)) -> Any:  # noqa: B008
        assert again is session
        scope = current_scope()
        assert scope is not None
        assert scope.session is session
        session.add(Parent(id=n))
        return {"ok": True}

    @app.post("/children/{n}")
    async def add_child(n: int, session: SessionDep) -> Any:
        session.add(Child(id=n, parent_id=99))
        return {"ok": True}

    @app.post("/refused/{n}")
    async def refused(n: int, session: SessionDep) -> Any:
        session.add(Parent(id=n))
        await session.flush()
        raise HTTPException(409)

    @app.get("/parents")
    async def count(session: SessionDep) -> Any:
        return await session.scalar(sa.select(sa.func.count()).select_from(Parent))

    return app


def answers(app: FastAPI, *requests: str) -> list[tuple[int, Any]]:
    """The (status, body) of each "METHOD path", while the application's lifespan lasts."""

    async def main() -> list[tuple[int, Any]]:
        transport = ASGITransport(app, raise_app_exceptions=False)
        results = []
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=transport, base_url="http://test") as client,
        ):
            for request in requests:
                method, path = request.split()
                response = await client.request(method, path)
                body = response.json() if response.status_code == 200 else None
                results.append((response.status_code, body))
            assert app.state.engines.async_.pool.checkedout() == 0
        return results

    return asyncio.run(main())


def test_what_a_request_wrote_is_committed(database_url: str) -> None:
    app = make_app(database_url)
    assert answers(app, "POST /parents/1", "GET /parents") == [(200, {"ok": True}), (200, 1)]


def test_a_commit_that_fails_reaches_the_client(database_url: str) -> None:
    assert answers(make_app(database_url), "POST /children/1") == [(500, None)]


def test_an_error_rolls_back(database_url: str) -> None:
    app = make_app(database_url)
    assert answers(app, "POST /refused/1", "GET /parents") == [(409, None), (200, 0)]


def test_with_fastapis_default_scope_the_client_would_hear_200(database_url: str) -> None:
    """Why SessionDep names the scope; when this fails, FastAPI has changed its mind again."""
    app = make_app(database_url)

    @app.post("/late/{n}")
    async def late(n: int, session: AsyncSession = Depends(get_session)) -> Any:  # noqa: B008
        session.add(Child(id=n, parent_id=99))
        return {"ok": True}

    assert answers(app, "POST /late/1")[0][0] == 200


def test_without_a_lifespan_the_error_says_what_to_do() -> None:
    app = FastAPI()

    @app.get("/")
    async def view(session: SessionDep) -> Any:
        return {}

    async def main() -> None:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            with pytest.raises(OutsideScope, match="lifespan"):
                await client.get("/")

    asyncio.run(main())


def test_engines_may_be_made_when_the_application_starts(database_url: str) -> None:
    made = []

    def factory() -> Any:
        made.append(create_engines(database_url))
        return made[-1]

    app = FastAPI(lifespan=lifespan(factory))
    assert not made

    @app.get("/")
    async def view(session: SessionDep) -> Any:
        assert app.state.engines is made[-1]
        return await session.scalar(sa.text("select 1"))

    for _ in range(2):
        assert answers(app, "GET /") == [(200, 1)]
    assert len(made) == 2


def test_in_a_scope_of_db_it_is_the_session_of_db(make_shop: Any, database_url: str) -> None:
    shop = make_shop(database_url)
    db, Customer = shop.db, shop.models.Customer
    app = FastAPI()

    @app.post("/")
    async def view(session: SessionDep) -> Any:
        assert db.session() is session
        db.session.add(Customer(name="a"))
        return {}

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        async with db.scope():
            await app(scope, receive, send)

    async def count() -> Any:
        async with AsyncClient(transport=ASGITransport(serve), base_url="http://test") as client:
            assert (await client.post("/")).status_code == 200
        return await db.session.scalar(sa.select(sa.func.count()).select_from(Customer))

    assert shop.run(count) == 1
