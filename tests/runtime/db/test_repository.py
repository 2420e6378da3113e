"""One repository, two implementations: the same methods, and the same answers."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, get_type_hints

import flask
import flask_sqlalchemy
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from werkzeug.exceptions import NotFound

from migrator.errors import UsageError
from migrator.runtime.db import AsyncRepository, Repository, SyncRepository, create_engines, queries


class Base(DeclarativeBase):
    pass


class Shelf(Base):
    __tablename__ = "shelf"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list[Book]] = relationship(lazy="joined")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    shelf_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shelf.id"))


class SyncShelves(SyncRepository[Shelf]):
    model = Shelf


class AsyncShelves(AsyncRepository[Shelf]):
    model = Shelf


def public(cls: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in inspect.getmembers(cls)
        if not name.startswith("_") and callable(value)
    }


def test_both_have_the_same_public_methods_with_the_same_signatures() -> None:
    sync, async_ = public(SyncRepository), public(AsyncRepository)
    assert set(sync) == set(async_) == set(public(Repository))
    for name, method in sync.items():
        assert inspect.signature(method) == inspect.signature(async_[name]), name
        declared = inspect.signature(getattr(Repository, name)).parameters
        assert list(inspect.signature(method).parameters) == list(declared), name
        assert method.__doc__, name
        assert method.__doc__ == async_[name].__doc__, name


def test_what_does_io_is_awaited_and_nothing_else() -> None:
    pure = {"select", "add", "add_all"}
    for name, method in public(AsyncRepository).items():
        assert inspect.iscoroutinefunction(method) is (name not in pure), name
    for name, method in public(SyncRepository).items():
        assert not inspect.iscoroutinefunction(method), name


def test_the_builders_give_selects_and_touch_no_database() -> None:
    builders = [
        value
        for value in vars(queries).values()
        if inspect.isfunction(value) and value.__module__ == queries.__name__
    ]
    assert len(builders) >= 6
    for builder in builders:
        assert "Select" in str(get_type_hints(builder, vars(queries))["return"])


def operations() -> list[tuple[str, Any]]:
    """(name, call) for each; the call gets a repository, its result may be awaitable."""
    by_name = sa.select(Shelf).order_by(Shelf.name)
    joined = sa.select(Shelf).join(Book).order_by(Shelf.id)
    columns = sa.select(Shelf.name, sa.func.count(Book.id)).join(Book).group_by(Shelf.name)
    return [
        ("get", lambda r: r.get(1)),
        ("get missing", lambda r: r.get(99)),
        ("get with options", lambda r: r.get(1, populate_existing=True)),
        ("get_one", lambda r: r.get_one(2)),
        ("get_one missing", lambda r: r.get_one(99)),
        ("get_or_404", lambda r: r.get_or_404(2)),
        ("get_or_404 missing", lambda r: r.get_or_404(99, "No shelf")),
        ("list", lambda r: r.list()),
        ("list ordered", lambda r: r.list(by_name)),
        ("list joined", lambda r: r.list(joined)),
        ("list of columns", lambda r: r.list(columns.order_by(Shelf.name))),
        ("list selected", lambda r: r.list(r.select(Shelf.id > 1, name="b"))),
        ("first", lambda r: r.first(by_name)),
        ("first of none", lambda r: r.first(r.select(name="x"))),
        ("first of columns", lambda r: r.first(columns.order_by(Shelf.name))),
        ("one", lambda r: r.one(r.select(name="b"))),
        ("one of none", lambda r: r.one(r.select(name="x"))),
        ("one of many", lambda r: r.one(by_name)),
        ("one of duplicates", lambda r: r.one(joined.where(Shelf.id == 2))),
        ("one_or_none", lambda r: r.one_or_none(r.select(name="x"))),
        ("scalar", lambda r: r.scalar(sa.select(sa.func.max(Shelf.id)))),
        ("count", lambda r: r.count()),
        ("count joined", lambda r: r.count(joined)),
        ("count limited", lambda r: r.count(by_name.limit(2))),
        ("count columns", lambda r: r.count(columns)),
        ("exists", lambda r: r.exists(r.select(name="a"))),
        ("exists not", lambda r: r.exists(r.select(name="x"))),
        ("page", lambda r: r.page(by_name, 2, 2)),
        ("page beyond", lambda r: r.page(page=9)),
        ("add", lambda r: r.add(Shelf(id=4, name="d"))),
        ("add_all", lambda r: r.add_all([Shelf(id=5, name="e"), Shelf(id=6, name="f")])),
        ("flush", lambda r: r.flush()),
        ("count added", lambda r: r.count()),
        ("execute", lambda r: r.execute(sa.update(Shelf).values(name=Shelf.name + "!"))),
        ("list updated", lambda r: r.list(by_name)),
        ("rollback", lambda r: r.rollback()),
        ("count rolled back", lambda r: r.count()),
        ("add again", lambda r: r.add(Shelf(id=7, name="g"))),
        ("commit", lambda r: r.commit()),
        ("list committed", lambda r: r.list(by_name)),
    ]


def shown(result: Any) -> Any:
    if isinstance(result, list):
        return [shown(item) for item in result]
    if isinstance(result, Shelf):
        return (result.id, result.name, [book.title for book in result.__dict__.get("books", [])])
    if hasattr(result, "per_page"):
        return (shown(result.items), result.total, result.pages, result.has_prev, result.has_next)
    return result.rowcount if hasattr(result, "rowcount") else result


ERRORS = (NoResultFound, MultipleResultsFound, NotFound)


def seed(connection: sa.Connection) -> None:
    Base.metadata.create_all(connection)
    connection.execute(sa.insert(Shelf), [{"id": n, "name": "abc"[n - 1]} for n in (1, 2, 3)])
    rows = [{"id": n, "title": f"t{n}", "shelf_id": 2 if n < 3 else 3} for n in (1, 2, 3)]
    connection.execute(sa.insert(Book), rows)


def through_sync(repository: Any) -> list[Any]:
    results = []
    for name, call in operations():
        try:
            results.append((name, shown(call(repository))))
        except ERRORS as error:
            results.append((name, type(error).__name__))
    return results


async def through_async(repository: Any) -> list[Any]:
    results = []
    for name, call in operations():
        try:
            result = call(repository)
            results.append((name, shown(await result if inspect.isawaitable(result) else result)))
        except ERRORS as error:
            results.append((name, type(error).__name__))
    return results


def test_both_give_the_same_answers(database_url: str, tmp_path: Any) -> None:
    async def main() -> tuple[list[Any], list[Any]]:
        engines = create_engines(database_url)
        engines.guard.mode = "off"
        try:
            with engines.sync.begin() as connection:
                seed(connection)
            with engines.sync_sessionmaker() as session:
                sync = through_sync(SyncShelves(session))
            with engines.sync.begin() as connection:
                Base.metadata.drop_all(connection)
                seed(connection)
            async with engines.async_sessionmaker() as async_session:
                return sync, await through_async(AsyncShelves(async_session))
        finally:
            await engines.dispose()

    sync, async_ = asyncio.run(main())
    assert sync == async_
    answers = dict(sync)
    assert answers["list joined"] == [(2, "b", ["t1", "t2"]), (3, "c", ["t3"])]
    assert answers["count joined"] == 3
    assert answers["one of duplicates"][0] == 2
    assert answers["one of many"] == "MultipleResultsFound"
    assert answers["page"] == ([(3, "c", ["t3"])], 3, 2, True, False)
    assert answers["get_or_404 missing"] == "NotFound"


def test_flask_sqlalchemys_session_serves_the_sync_one(sqlite_url: str) -> None:
    app = flask.Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    db = flask_sqlalchemy.SQLAlchemy(app)
    with app.app_context():
        with db.engine.begin() as connection:
            seed(connection)
        assert SyncRepository(db.session, Shelf).count() == 3
        shelves = SyncShelves(db.session)
        shelves.add(Shelf(id=4, name="d"))
        shelves.commit()
        assert db.session.get(Shelf, 4) is shelves.get(4)
        db.engine.dispose()


def test_a_repository_needs_a_model() -> None:
    with pytest.raises(UsageError, match="without a model"):
        SyncRepository(Session())
    assert SyncShelves(Session()).model is Shelf
    assert SyncRepository(Session(), Book).model is Book
