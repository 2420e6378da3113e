"""A legacy Query as a select: the same statement, or a refusal to lose a part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import DeclarativeBase, Mapped, Query, mapped_column, relationship

from migrator.runtime.db.errors import Unsupported
from migrator.runtime.db.selects import as_select


class Base(DeclarativeBase):
    pass


class Page(Base):
    __tablename__ = "page"
    id: Mapped[int] = mapped_column(primary_key=True)
    hidden: Mapped[bool] = mapped_column(default=False)
    book_id: Mapped[int | None] = mapped_column(sa.ForeignKey("book.id"))
    book: Mapped[Book | None] = relationship(back_populates="pages")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    pages: Mapped[list[Page]] = relationship(back_populates="book")


class Own(Query[Any]):
    """A query with something of its own."""

    note = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.note, self.fresh = "seen", [1]


Refine = Callable[[Any], Any]

TAKEN: list[tuple[Refine, Refine]] = [
    (lambda q: q, lambda s: s),
    (lambda q: q.filter_by(hidden=False), lambda s: s.filter_by(hidden=False)),
    (
        lambda q: q.filter(Page.id > 1, Page.id < 9).filter(Page.hidden),
        lambda s: s.where(Page.id > 1, Page.id < 9).where(Page.hidden),
    ),
    (
        lambda q: q.options(orm.joinedload(Page.book)),
        lambda s: s.options(orm.joinedload(Page.book)),
    ),
]
LOST: list[Refine] = [
    lambda q: q.enable_assertions(False),
    lambda q: q.limit(1),
    lambda q: q.offset(1),
    lambda q: q.order_by(Page.id),
    lambda q: q.group_by(Page.id),
    lambda q: q.having(Page.id > 1),
    lambda q: q.distinct(),
    lambda q: q.join(Page.book),
    lambda q: q.select_from(Book),
    lambda q: q.with_for_update(),
    lambda q: q.execution_options(compiled_cache=None),
    lambda q: q.populate_existing(),
    lambda q: q.yield_per(3),
    lambda q: q.autoflush(False),
    lambda q: q.params(a=1),
    lambda q: q.prefix_with("a"),
    lambda q: q.with_hint(Page, "a"),
    lambda q: q.correlate(Book),
    lambda q: q.union(q),
    lambda q: q.from_statement(sa.text("select 1")),
    lambda q: q.enable_eagerloads(False),
    lambda q: q.only_return_tuples(True),
    lambda q: q.set_label_style(sa.LABEL_STYLE_NONE),
]


def own(*entities: Any) -> Query[Any]:
    return cast("Query[Any]", Own(entities))


@pytest.mark.parametrize(("query", "statement"), TAKEN)
def test_it_asks_for_the_same(query: Refine, statement: Refine) -> None:
    made, expected = as_select(query(own(Page))), statement(sa.select(Page))
    assert made.compare(expected)
    assert str(made) == str(expected)
    further = made.join(Page.book).where(Book.id == 3).order_by(Page.id).limit(1)
    assert str(further) == str(
        expected.join(Page.book).where(Book.id == 3).order_by(Page.id).limit(1)
    )


def test_columns_stay_columns() -> None:
    made = as_select(own(Page.id, sa.func.count(Page.id).label("many")).filter(Page.id > 1))
    assert str(made) == str(
        sa.select(Page.id, sa.func.count(Page.id).label("many")).where(Page.id > 1)
    )


@pytest.mark.parametrize("query", LOST)
def test_what_a_select_would_lose_is_refused(query: Refine) -> None:
    with pytest.raises(Unsupported, match="Own gives its queries more than criteria"):
        as_select(query(own(Page)))
