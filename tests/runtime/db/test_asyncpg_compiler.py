"""Statements that psycopg2's literals make possible work over asyncpg, with the same results."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import exc, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, with_loader_criteria

from migrator.runtime.db import Engines, create_engines


class Base(DeclarativeBase):
    pass


class Sale(Base):
    __tablename__ = "sale"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(sa.ARRAY(sa.String))
    marks: Mapped[list[int] | None] = mapped_column(postgresql.ARRAY(sa.Integer))
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))


def seed(session: Session) -> None:
    Base.metadata.create_all(session.connection())
    for n in range(1, 9):
        kind = [None, "a", "b%"][n % 3]
        session.add(
            Sale(
                id=n,
                at=datetime(2020, 1 + n % 3, n),
                kind=kind,
                amount=Decimal(n),
                tags=[f"t{n % 3}"],
                marks=[n],
            )
        )
    session.commit()


class Day(date):
    """As a clock that stands still gives it."""


def rowcount(result: Any) -> Any:
    return result.rowcount


def but(number: int) -> Any:
    return with_loader_criteria(Sale, lambda cls: cls.id != number)


def month() -> Any:
    return func.date_trunc("month", Sale.at)


AWKWARD = "it's %(id)s :id \\ \\' \" __[POSTCOMPILE_id] $1 é 😀 % %% {x}"

STATEMENTS: dict[str, Callable[[Session], Any]] = {
    "a string in any item of an array": lambda s: s.scalars(
        select(Sale.id).where(sa.any_(Sale.tags) == "t1").order_by(Sale.id)
    ).all(),
    "a number in any or all items of an array": lambda s: s.scalars(
        select(Sale.id)
        .where(sa.or_(sa.any_(Sale.marks) == 3, sa.all_(Sale.marks) == 4))
        .order_by(Sale.id)
    ).all(),
    "a string in any row of a subquery": lambda s: s.scalars(
        select(Sale.id)
        .where(sa.any_(select(Sale.kind).where(Sale.id < 3).scalar_subquery()) == "a")
        .order_by(Sale.id)
    ).all(),
    "a day of another class, less a number": lambda s: s.scalars(
        select(Sale.id)
        .where(Sale.at >= Day(2020, 2, 9) - func.coalesce(Sale.id, 7))
        .order_by(Sale.id)
    ).all(),
    "a day, less a number": lambda s: s.scalars(
        select(Sale.id)
        .where(Sale.at >= date(2020, 2, 9) - func.coalesce(Sale.id, 7))
        .order_by(Sale.id)
    ).all(),
    "group by an equal expression": lambda s: s.execute(
        select(month(), func.sum(Sale.amount)).group_by(month()).order_by(month())
    ).all(),
    "group by with where, having and limit": lambda s: s.execute(
        select(func.coalesce(Sale.kind, "none"), func.count())
        .where(Sale.id < 8, Sale.at >= "2020-01-01", Sale.id.in_([1, 2, 3, 4, 5]))
        .group_by(func.coalesce(Sale.kind, "none"))
        .having(func.count() > 1)
        .order_by(func.coalesce(Sale.kind, "none").desc())
        .limit(5)
    ).all(),
    "legacy query, grouped": lambda s: (
        s.query(func.to_char(Sale.at, "YYYY-MM"), func.avg(Sale.amount))
        .group_by(func.to_char(Sale.at, "YYYY-MM"))
        .order_by(func.to_char(Sale.at, "YYYY-MM"))
        .all()
    ),
    "group by with criteria of a lambda": lambda s: [
        s.execute(
            select(Sale.kind, func.count())
            .options(but(number))
            .group_by(Sale.kind)
            .order_by(func.count(), Sale.kind)
        ).all()
        for number in (4, 5)
    ],
    "group by a case": lambda s: s.execute(
        select(sa.case((Sale.amount > 4, "big"), else_="small").label("size"), func.count())
        .group_by(sa.case((Sale.amount > 4, "big"), else_="small"))
        .order_by("size")
    ).all(),
    "distinct ordered by an expression": lambda s: s.execute(
        select(func.coalesce(Sale.kind, "%")).distinct().order_by(func.coalesce(Sale.kind, "%"))
    ).all(),
    "a grouped subquery": lambda s: s.execute(
        select(func.count()).select_from(
            select(month().label("m")).group_by(month()).where(Sale.kind != "x").subquery()
        )
    ).all(),
    "text: a string for an integer": lambda s: s.execute(
        text("select kind from sale where id = :id"), {"id": "4"}
    ).all(),
    "text: a string for a date": lambda s: s.execute(
        text("select id from sale where at >= :since order by id"), {"since": "2020-03-01"}
    ).all(),
    "text: untyped": lambda s: s.execute(
        text("select :a, :b, :c, :d"), {"a": 1, "b": None, "c": Decimal("1.50"), "d": 1.5}
    ).all(),
    "text: awkward strings": lambda s: s.execute(
        text("select :a || '', :id || ''"), {"a": AWKWARD, "id": "\\"}
    ).all(),
    "text: an optional filter": lambda s: s.execute(
        text("select id from sale where (:kind is null or kind = :kind) order by id"),
        {"kind": None},
    ).all(),
    "text: a tuple": lambda s: s.execute(
        text("select id from sale where id in :ids order by id"), {"ids": (1, 3)}
    ).all(),
    "text: an expanding list": lambda s: s.execute(
        text("select id, kind from sale where id in :ids order by id").bindparams(
            sa.bindparam("ids", expanding=True)
        ),
        {"ids": [1, 3]},
    ).all(),
    "text: an empty expanding list": lambda s: s.execute(
        text("select kind from sale where id in :ids").bindparams(
            sa.bindparam("ids", expanding=True)
        ),
        {"ids": []},
    ).all(),
    "text: an array": lambda s: s.execute(
        text("select id from sale where id = any(:ids) order by id"), {"ids": [2, 5]}
    ).all(),
    "text: an empty array": lambda s: s.execute(
        text("select id from sale where id = any(:ids)"), {"ids": []}
    ).all(),
    "text: a negative number": lambda s: s.execute(text("select 5 -:n"), {"n": -2}).all(),
    "text: many rows": lambda s: [
        s.execute(
            text("insert into sale (id, at, amount) values (:id, :at, :amount)"),
            [{"id": n, "at": datetime(2020, 1, 1), "amount": Decimal(n)} for n in (21, 22)],
        ).closed,  # asyncpg counts no rows here
        s.execute(text("select id, amount from sale where id > 20 order by id")).all(),
    ],
    "text: typed": lambda s: s.execute(
        text("select id from sale where amount = :a").bindparams(
            sa.bindparam("a", type_=sa.Numeric)
        ),
        {"a": "4"},
    ).all(),
    "text: can't adapt": lambda s: s.execute(text("select :a"), {"a": {"b": 1}}).all(),
    "text: wrong type": lambda s: s.execute(
        text("select id from sale where id = :a"), {"a": "x"}
    ).all(),
    "text: every type": lambda s: s.execute(
        text("select :a, :b, :c, :d, :e, :f, :g, :h, :i"),
        {
            "a": True,
            "b": date(2020, 1, 2),
            "c": datetime(2020, 1, 2, 3, 4, 5, 6),
            "d": datetime(2020, 1, 2, tzinfo=UTC),
            "e": time(1, 2, 3),
            "f": timedelta(days=-3, seconds=5, microseconds=7),
            "g": uuid.UUID(int=7),
            "h": float("inf"),
            "i": [1, None, 3],
        },
    ).all(),
    "text: bytes": lambda s: bytes(s.scalar(text("select :a"), {"a": b"\x00\xff'"}) or b""),
    "a function of nothing": lambda s: s.scalar(select(func.coalesce(None, Sale.kind)).limit(1)),
    "scalar subquery in a comparison": lambda s: s.execute(
        select(Sale.id).where(Sale.id == select(func.max(Sale.id)).scalar_subquery())
    ).all(),
    "the same statement, other values": lambda s: [
        s.execute(
            select(func.coalesce(Sale.kind, v), func.count())
            .group_by(func.coalesce(Sale.kind, v))
            .order_by(func.count(), func.coalesce(Sale.kind, v))
        ).all()
        for v in ("x", "y'", AWKWARD)
    ],
    "a function that takes no text": lambda s: s.scalar(
        select(sa.cast(func.setweight(func.to_tsvector("english", Sale.kind), "A"), sa.Text)).where(
            Sale.id == 1
        )
    ),
    "a function with values in JSON": lambda s: s.scalar(
        select(func.jsonb_set(func.jsonb_build_object("a", Sale.id), "{a}", '"x%"')).limit(1)
    ),
    "strings for numbers and times in functions": lambda s: s.execute(
        select(
            func.coalesce(func.max(Sale.id), "0"),
            func.greatest(func.max(Sale.at), "2030-01-01"),
            func.coalesce(func.max(Sale.amount), 0.5),
        )
    ).all(),
    "a fraction is a numeric in functions": lambda s: s.execute(
        select(
            func.round(func.avg(Sale.id) * 1.5, 2),
            func.round(1.555, 2),
            func.mod(func.max(Sale.amount), 1.5),
            func.percentile_cont(0.5).within_group(Sale.id),
        )
    ).all(),
    "money times a fraction": lambda s: s.scalars(
        select(Sale.amount * 1.1).order_by(Sale.id)
    ).all(),
    "halves are rounded away from nothing": lambda s: [
        s.execute(sa.update(Sale).values(id=Sale.id * 20.5).where(Sale.id == 5)).closed,
        s.scalars(select(Sale.id).order_by(Sale.id)).all(),
    ],
    "one type for all that a case gives": lambda s: s.execute(
        select(
            sa.case((Sale.id > 4, Sale.id), else_=0.5),
            sa.case((Sale.id > 4, Sale.at), else_="2030-01-01"),
            sa.case({"5": "five"}, value=Sale.id, else_="other"),
        ).order_by(Sale.id)
    ).all(),
    "an interval as a text": lambda s: s.scalars(
        select(Sale.at - sa.cast("1 mon 2 days", sa.Interval)).order_by(Sale.id)
    ).all(),
    "an interval as a text, of the operator's making": lambda s: s.scalars(
        select(Sale.at + "1 day").order_by(Sale.id)
    ).all(),
    "an array as a text": lambda s: s.scalars(
        select(Sale.tags.op("||")("{x,y}")).order_by(Sale.id)
    ).all(),
    "arrays of literals": lambda s: s.scalars(
        select(
            sa.cast(Sale.tags, postgresql.ARRAY(sa.Text)).overlap(postgresql.array(["t1", "%"]))
        ).order_by(Sale.id)
    ).all(),
    "text: typed by the value": lambda s: s.execute(
        text("select id, round(:half, 2) from sale where at > :since order by id").bindparams(
            half=1.5, since="2020-02-01"
        )
    ).all(),
    "a real": lambda s: s.execute(
        select(sa.cast(0.1, sa.REAL), func.array_agg(sa.cast(Sale.amount / 3, sa.REAL)))
    ).all(),
    "strings that no function reads": lambda s: [
        s.execute(
            select(func.concat(Sale.kind, awkward), func.lower(awkward), Sale.kind + awkward).where(
                func.lower(Sale.kind).contains("b%", autoescape=True), Sale.kind.ilike("%B%")
            )
        ).all()
        for awkward in (AWKWARD, "\\", "")
    ],
    "insert from select": lambda s: (
        s.execute(
            sa.insert(Sale).from_select(
                ["id", "at", "amount"],
                select(func.max(Sale.id) + 100, func.max(Sale.at), Sale.amount).group_by(
                    Sale.amount
                ),
            )
        ).rowcount  # type: ignore[attr-defined]
    ),
    "update by a string": lambda s: (
        s.execute(sa.update(Sale).where(Sale.id == "1").values(amount="2.5")).rowcount  # type: ignore[attr-defined]
    ),
}


def results(session: Session) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, statement in STATEMENTS.items():
        try:
            seen[name] = repr(statement(session))
        except exc.DBAPIError as error:
            seen[name] = type(error).__name__
        session.rollback()
    return seen


def both(url: str, work: Callable[[Session], Any]) -> tuple[Any, Any]:
    async def main() -> tuple[Any, Any]:
        engines: Engines = create_engines(url)
        engines.guard.mode = "off"
        try:
            with engines.sync_sessionmaker() as session:
                seed(session)
                sync = work(session)
            async with engines.async_sessionmaker() as async_session:
                return sync, await async_session.run_sync(work)
        finally:
            await engines.dispose()

    return asyncio.run(main())


def test_statements_give_what_they_give_over_psycopg2(postgres_url: str) -> None:
    sync, async_ = both(postgres_url, results)
    differences = [f"{k}: {sync[k]} != {async_[k]}" for k in sync if sync[k] != async_[k]]
    assert not differences, "\n".join(differences)
    # None of them failed alike without our noticing.
    assert [name for name, seen in sync.items() if seen.endswith("Error")] == [
        "text: can't adapt",
        "text: wrong type",
    ]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8"))))
def test_any_string_arrives_as_it_is(connection: Any, values: list[str]) -> None:
    value, rest = "".join(values), "%(rest)s" + "'\\".join(values)
    row = connection(text("select :value || '', :rest || ''"), {"value": value, "rest": rest})
    assert tuple(row) == (value, rest)


@pytest.fixture
def connection(postgres_url: str) -> Any:
    """Runs one statement on the async side and gives its row."""
    with asyncio.Runner() as runner:
        engines = create_engines(postgres_url)

        async def run(statement: Any, parameters: Any) -> Any:
            async with engines.async_.connect() as connection:
                return (await connection.execute(statement, parameters)).one()

        yield lambda statement, parameters: runner.run(run(statement, parameters))
        runner.run(engines.dispose())
