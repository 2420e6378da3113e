"""The helpers and `db` give what Flask-SQLAlchemy's give: the same code runs on both."""

# ruff: noqa: B023 - the lambdas in the loops are called before the loop goes on

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import flask
import flask_sqlalchemy
import pytest
import sqlalchemy as sa
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from migrator.runtime.db import SQLAlchemy, bridge, install_request_args


def define(db: Any) -> types.SimpleNamespace:
    """Models with what makes a Query differ from a select(): joined collections, and duplicates."""
    author_tag = db.Table(
        "author_tag",
        db.Column("author_id", db.ForeignKey("author.id"), primary_key=True),
        db.Column("tag_id", db.ForeignKey("tag.id"), primary_key=True),
    )

    class Author(db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(30))
        born = db.Column(db.Integer)
        books = db.relationship("Book", back_populates="author", lazy="joined")
        tags = db.relationship(
            "Tag", secondary=author_tag, backref=db.backref("authors", lazy="dynamic")
        )
        shelf = db.relationship("Book", lazy="dynamic", viewonly=True, order_by="Book.id")

    class Book(db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String(30))
        author_id = db.Column(db.ForeignKey("author.id"))
        author = db.relationship("Author", back_populates="books")

    class Tag(db.Model):  # type: ignore[misc]
        id = db.Column(db.Integer, primary_key=True)

    return types.SimpleNamespace(Author=Author, Book=Book, Tag=Tag)


def fill(m: types.SimpleNamespace, session: Any) -> None:
    for n in range(1, 8):
        books = [m.Book(id=n * 10 + k, title=f"t{k}") for k in range(n % 3)]
        session.add(m.Author(id=n, name=f"a{n}", born=None if n == 1 else 1900 + n, books=books))
    session.commit()


class Legacy:
    """Flask-SQLAlchemy over the same database."""

    def __init__(self, url: str, instance_path: Path) -> None:
        if url.startswith("postgresql:"):
            url = sa.make_url(url).set(drivername="postgresql+psycopg2").render_as_string(False)
        self.app = flask.Flask(__name__, instance_path=str(instance_path))
        self.app.config["SQLALCHEMY_DATABASE_URI"] = url
        self.db = flask_sqlalchemy.SQLAlchemy(self.app)
        self.models = define(self.db)
        with self.app.app_context():
            self.db.create_all()
            fill(self.models, self.db.session)

    def run(self, fn: Callable[..., Any], query_string: str) -> Any:
        with self.app.test_request_context("/?" + query_string):
            return outcome(lambda: fn(self.db, self.models, self.db.session))

    def close(self) -> None:
        with self.app.app_context():
            self.db.engine.dispose()


def outcome(fn: Callable[[], Any]) -> Any:
    try:
        return describe(fn())
    except NotFound as error:
        return ("404", error.description)
    except Exception as error:
        return type(error).__name__


def describe(value: Any) -> Any:
    """Everything that can be seen of a result, without objects of either side."""
    if hasattr(value, "iter_pages"):
        names = "page per_page max_per_page total pages first last has_prev has_next"
        shown = {name: getattr(value, name) for name in names.split()}
        shown |= {name: getattr(value, name) for name in ("prev_num", "next_num")}
        shown["items"] = describe(value.items)
        shown["again"] = describe(list(value))
        shown["widget"] = list(value.iter_pages())
        shown["narrow"] = list(
            value.iter_pages(left_edge=1, left_current=0, right_current=1, right_edge=1)
        )
        return shown
    if isinstance(value, list):
        return [describe(item) for item in value]
    if isinstance(value, sa.Row):
        return tuple(describe(item) for item in value)
    if hasattr(value, "__mapper__"):
        return f"{type(value).__name__} {value.id}"
    return value


@pytest.fixture
def legacy(database_url: str, tmp_path: Path) -> Any:
    side = Legacy(database_url, tmp_path)
    yield side
    side.close()


@pytest.fixture
def both(legacy: Legacy, make_shop: Callable[..., Any], database_url: str) -> Any:
    """Run (query, statement helper) on both sides and compare."""
    db = SQLAlchemy()
    models = define(db)
    shop = make_shop(database_url)
    shop.attach(db)
    runner = asyncio.Runner()

    def compare(
        query: Callable[..., Any],
        target: Callable[..., Any] | None = None,
        query_string: str = "",
        case: str = "",
    ) -> Any:
        """`query(db, m, session)` on the legacy side and in the bridge; `target` is awaited."""
        expected = legacy.run(query, query_string)
        args = dict(pair.split("=") for pair in query_string.split("&") if pair)

        async def test() -> None:
            async with db.scope():
                got = await bridge(outcome, lambda: query(db, models, db.session))
                assert got == expected, f"in the bridge: {case}"
                if target is not None:
                    native = await awaited_outcome(target(db, models))
                    assert native == expected, f"in async code: {case}"

        install_request_args(lambda: args)
        runner.run(test())
        return expected

    with runner:
        yield compare
        install_request_args(lambda: None)
        runner.run(db.dispose())


async def awaited_outcome(result: Awaitable[Any]) -> Any:
    try:
        return describe(await result)
    except NotFound as error:
        return ("404", error.description)
    except Exception as error:
        return type(error).__name__


STATEMENTS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any], Any]]] = {
    "entity with a joined collection": (
        lambda s, m: s.query(m.Author).order_by(m.Author.id),
        lambda m: select(m.Author).order_by(m.Author.id),
    ),
    "entity duplicated by a join": (
        lambda s, m: s.query(m.Book.author_id, m.Author).join(m.Author).order_by(m.Book.id),
        lambda m: select(m.Book.author_id, m.Author).join(m.Author).order_by(m.Book.id),
    ),
    "one entity, joined": (
        lambda s, m: s.query(m.Author).join(m.Book).order_by(m.Author.id),
        lambda m: select(m.Author).join(m.Book).order_by(m.Author.id),
    ),
    "a column": (
        lambda s, m: s.query(m.Author.name).order_by(m.Author.id),
        lambda m: select(m.Author.name).order_by(m.Author.id),
    ),
    "a column with duplicates": (
        lambda s, m: s.query(m.Book.title).order_by(m.Book.title),
        lambda m: select(m.Book.title).order_by(m.Book.title),
    ),
    "columns of the same name": (
        lambda s, m: s.query(m.Author.id, m.Book.id).join(m.Book).order_by(m.Book.id),
        lambda m: select(m.Author.id, m.Book.id).join(m.Book).order_by(m.Book.id),
    ),
    "grouped": (
        lambda s, m: (
            s.query(m.Book.title, func.count(m.Book.id)).group_by(m.Book.title).order_by("title")
        ),
        lambda m: (
            select(m.Book.title, func.count(m.Book.id)).group_by(m.Book.title).order_by("title")
        ),
    ),
    "distinct with a limit": (
        lambda s, m: s.query(m.Book.title).distinct().order_by(m.Book.title).limit(1),
        lambda m: select(m.Book.title).distinct().order_by(m.Book.title).limit(1),
    ),
    "nothing": (
        lambda s, m: s.query(m.Author).filter_by(name="nobody"),
        lambda m: select(m.Author).where(m.Author.name == "nobody"),
    ),
    "a null": (
        lambda s, m: s.query(m.Author.born).filter(m.Author.id == 1),
        lambda m: select(m.Author.born).where(m.Author.id == 1),
    ),
    "exactly one": (
        lambda s, m: s.query(m.Author).filter_by(id=2),
        lambda m: select(m.Author).where(m.Author.id == 2),
    ),
    "one, duplicated by a join": (
        lambda s, m: s.query(m.Author).join(m.Book).filter(m.Author.id == 2),
        lambda m: select(m.Author).join(m.Book).where(m.Author.id == 2),
    ),
}


def test_first_or_404_and_one_or_404(both: Any) -> None:
    for name, (query, statement) in STATEMENTS.items():
        for description in (None, "Gone fishing"):
            both(
                lambda db, m, s: query(s, m).first_or_404(description),
                lambda db, m: db.first_or_404(statement(m), description=description),
                case=name,
            )
            both(
                lambda db, m, s: query(s, m).one_or_404(description),
                lambda db, m: db.one_or_404(statement(m), description=description),
                case=name,
            )


def test_paginate(both: Any) -> None:
    for name, (query, statement) in STATEMENTS.items():
        if name == "distinct with a limit":
            continue  # Query.paginate refuses a query that has a limit, db.paginate overwrites it
        for options in (
            {"page": 1, "per_page": 2},
            {"page": 2, "per_page": 2},
            {"page": 9, "per_page": 2},
            {"page": 9, "per_page": 2, "error_out": False},
            {"per_page": 3, "max_per_page": 2, "count": False},
        ):
            both(
                lambda db, m, s: query(s, m).paginate(**options),
                lambda db, m: db.paginate(statement(m), **options),
                case=f"{name} {options}",
            )


def test_the_select_helpers_of_flask_sqlalchemy_itself(both: Any) -> None:
    """As nobody has rewritten them in the bridge, and as the codemod writes them elsewhere."""
    for name, (_, statement) in STATEMENTS.items():
        for method, options in (
            ("first_or_404", {}),
            ("one_or_404", {"description": "x"}),
            ("paginate", {"page": 2, "per_page": 2}),
        ):
            both(
                lambda db, m, s: getattr(db, method)(statement(m), **options),
                lambda db, m: getattr(db, method)(statement(m), first_column=True, **options),
                case=name,
            )


QUERY_STRINGS = (
    "page=2",
    "page=2&per_page=3",
    "page=x",
    "per_page=x",
    "page=0",
    "page=-1",
    "per_page=0",
    "per_page=250",
    "page=",
    "page=٢",
    "page=1_0",
    "per_page= 2 ",
    "page=99",
)


@pytest.mark.parametrize("error_out", [True, False])
def test_paginate_reads_the_request(both: Any, error_out: bool) -> None:
    for query_string in QUERY_STRINGS:
        both(
            lambda db, m, s: m.Author.query.order_by(m.Author.id).paginate(error_out=error_out),
            lambda db, m: db.paginate(select(m.Author).order_by(m.Author.id), error_out=error_out),
            query_string,
        )


def test_pages_turn(both: Any) -> None:
    def around(page: Any) -> list[Any]:
        return [describe(page.prev()), describe(page.next()), describe(page.next().prev())]

    both(
        lambda db, m, s: around(m.Book.query.order_by(m.Book.id).paginate(page=2, per_page=2)),
    )
    both(
        lambda db, m, s: around(
            m.Book.query.order_by(m.Book.id).paginate(page=1, per_page=250, max_per_page=300)
        ),
    )


def test_get_or_404(both: Any) -> None:
    for ident in (2, 99, 2**40):
        both(
            lambda db, m, s: s.get(m.Author, ident) or flask.abort(404, description="No author"),
            lambda db, m: db.get_or_404(m.Author, ident, description="No author"),
        )


@pytest.mark.filterwarnings("ignore:The Query.get")
def test_the_query_class_is_everywhere(both: Any) -> None:
    both(lambda db, m, s: m.Author.query.get_or_404(3))
    both(lambda db, m, s: m.Author.query.get_or_404(33, "No author"))
    both(lambda db, m, s: s.query(m.Author).get_or_404(33))
    both(lambda db, m, s: m.Author.query.get(3).shelf.filter_by(title="t9").first_or_404())
    both(lambda db, m, s: m.Author.query.get(5).shelf.paginate(per_page=1))
    both(lambda db, m, s: m.Author.query.get(5).shelf.count())
    both(lambda db, m, s: [type(m.Author.query).__mro__[1].__name__, repr(m.Author.query.get(2))])

    def tagged(db: Any, m: Any, s: Any) -> Any:
        tag = m.Tag(id=1)
        m.Author.query.get(2).tags.append(tag)
        s.flush()
        result = tag.authors.paginate().total
        s.rollback()
        return result

    both(tagged)


def test_sessions_have_the_same_defaults(both: Any) -> None:
    both(lambda db, m, s: [s().autoflush, s().expire_on_commit])
