"""What psycopg2 takes and gives, asyncpg takes and gives: values, results, errors."""

from __future__ import annotations

import asyncio
import enum
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import DeclarativeBase

from migrator.runtime.db import Engines, create_engines

ID = uuid.UUID(int=5)
NAIVE = datetime(2020, 1, 2, 3, 4, 5, 678)
AWARE = NAIVE.replace(tzinfo=timezone(timedelta(hours=2)))


class Colour(enum.Enum):
    red = "r"
    blue = "b"


CASES: list[tuple[Any, list[Any]]] = [
    (sa.Integer(), [1, "7", " 7 ", "x", 1.0, 1.5, 2.5, -2.5, Decimal("3.5"), 2**40, -(2**70)]),
    (sa.BigInteger(), ["12", 2**40, 2**70, (5,), ("5",)]),
    (sa.SmallInteger(), ["12", 3.0, 70000]),
    (sa.String(10), ["a", 5, 1.5, True, Decimal("1.50"), ID, date(2020, 1, 1), "x" * 11]),
    (sa.Text(), ["a", "it's \\ 100%", 5, NAIVE, AWARE, ("a",), (None,)]),
    (sa.Boolean(), [True, 1, 0, "true", "x"]),
    (sa.Numeric(10, 2), [1, 1.1, "2.5", Decimal(3), Decimal("NaN"), Decimal("1.005"), "x"]),
    (sa.Numeric(), [1.1, 0.1 + 0.2, "2.5", Decimal("3.10"), Decimal(10000), 1e20, 1e-7]),
    (sa.Numeric(10, 2, asdecimal=False), [1.1, Decimal("2.50")]),
    (sa.Float(), [1, 1.1, "2.5", Decimal("3.5"), float("inf")]),
    (sa.DateTime(), [NAIVE, AWARE, date(2020, 1, 1), "2020-01-02", "2020-07-02T03:04:05Z"]),
    (sa.DateTime(), ["2020-01-02 03:04", "2020-1-2 3:4:05.6", "2020-1-2 3:04:05.65+1", "x"]),
    (sa.DateTime(timezone=True), [NAIVE, AWARE, date(2020, 1, 1), "2020-01-02T03:04:05+02:00"]),
    (
        sa.DateTime(timezone=True),
        ["2020-07-02", "2020-7-2 9:05+2", "20-7-2", datetime(2020, 7, 1, tzinfo=UTC)],
    ),
    (
        sa.Date(),
        [
            date(2020, 1, 1),
            NAIVE,
            AWARE,
            "2020-01-02",
            "2020-7-2",
            "2020-12-1",
            "20200102",
            "x",
            "2020-01-02T03:04:05",
        ],
    ),
    (sa.Time(), [time(1, 2, 3), "01:02", "1:2:3", (time(1, 2),)]),
    (sa.Interval(), [timedelta(days=40, seconds=3)]),
    (sa.JSON(), [{"a": [1, None, "é"]}, None, "s"]),
    (pg.JSONB(), [{"b": 1, "a": [1, None, "é"]}, 1.5, [10**20, 1.10]]),
    (sa.Uuid(), [ID, str(ID), "x"]),
    (sa.Uuid(as_uuid=False), [str(ID)]),
    (pg.UUID(as_uuid=True), [ID, str(ID)]),
    (pg.UUID(as_uuid=False), [str(ID), ID]),
    (sa.Enum(Colour, name="colour"), [Colour.red, "red", "green"]),
    (sa.Enum("x", "y", name="letter"), ["x"]),
    (sa.LargeBinary(), [b"\x00\xff", bytearray(b"ab"), memoryview(b"zz")]),
    (pg.ARRAY(sa.Integer), [[1, 2], ["3", "4"], []]),
    (pg.ARRAY(sa.String), [["a", "b"], [1]]),
    (pg.INET(), ["10.0.0.1"]),
    (pg.CIDR(), ["10.0.0.0/8"]),
    (sa.PickleType(), [{"a": 1}]),
]


def outcomes(connection: sa.Connection, table: sa.Table, value: Any) -> dict[str, Any]:
    """What inserting, reading, comparing and raw reading give, or the class of their error."""
    seen: dict[str, Any] = {}

    def record(name: str, action: Any) -> None:
        savepoint = connection.begin_nested()
        try:
            result = action()
        except (exc.SQLAlchemyError, TypeError, OverflowError) as error:
            savepoint.rollback()
            code = getattr(getattr(error, "orig", None), "pgcode", None)
            # The two sides may differ in the last digits: one refuses what the other sends.
            seen[name] = (type(error).__name__, code and code[:2])
        else:
            savepoint.commit()
            seen[name] = repr(bytes(result) if isinstance(result, memoryview) else result)

    read = sa.select(table.c.v).order_by(table.c.n.desc()).limit(1)
    raw = sa.text(f"select v from {table.name} order by n desc limit 1")
    connection.execute(table.insert().values(v=None))  # for the update, if the insert fails
    record("insert", lambda: connection.execute(table.insert().values(v=value)).rowcount)
    record("read", lambda: connection.execute(read).scalar())
    record("raw", lambda: connection.execute(raw).scalar())
    for name, criterion in {
        "equal": lambda: table.c.v == value,
        "less": lambda: table.c.v < value,
        "in": lambda: table.c.v.in_([value]),
        "between": lambda: table.c.v.between(value, value),
    }.items():
        record(name, lambda c=criterion: connection.scalar(count(table).where(c())))
    record("update", lambda: connection.execute(table.update().values(v=value)).rowcount)
    record("reread", lambda: connection.execute(read).scalar())
    connection.rollback()
    return seen


def count(table: sa.Table) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(table)


async def compare(engines: Engines) -> list[str]:
    differences = []
    for number, (type_, values) in enumerate(CASES):
        metadata = sa.MetaData()
        table = sa.Table(
            f"t{number}",
            metadata,
            sa.Column("n", sa.Integer, primary_key=True),
            sa.Column("v", type_),
        )
        with engines.sync.begin() as connection:
            metadata.create_all(connection)
        for value in values:
            with engines.sync.connect() as connection:
                legacy = outcomes(connection, table, value)
            async with engines.async_.connect() as async_connection:
                target = await async_connection.run_sync(outcomes, table, value)
            differences += [
                f"{type_!r} {value!r} {step}: {legacy[step]} != {target[step]}"
                for step in legacy
                if legacy[step] != target[step]
            ]
    return differences


async def compared(url: str, compare: Callable[[Engines], Awaitable[list[str]]]) -> list[str]:
    engines = create_engines(url)
    engines.guard.mode = "off"  # both sides run on this thread, one after the other
    try:
        return await compare(engines)
    finally:
        await engines.dispose()


def at_zone(url: str, zone: str) -> None:
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg2"))
    with engine.begin() as connection:
        name = sa.make_url(url).database
        connection.exec_driver_sql(f"ALTER DATABASE \"{name}\" SET timezone = '{zone}'")
    engine.dispose()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
def test_values_results_and_errors_are_psycopg2s(postgres_url: str, zone: str) -> None:
    at_zone(postgres_url, zone)
    differences = asyncio.run(compared(postgres_url, compare))
    assert not differences, "\n".join(differences)


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id = sa.Column(sa.Integer, primary_key=True)
    sku = sa.Column(sa.String(20), unique=True)
    price = sa.Column(sa.Numeric(10, 2))


def test_the_orm_finds_rows_by_a_string_key(postgres_url: str) -> None:
    async def main() -> None:
        engines = create_engines(postgres_url)
        try:
            async with engines.async_.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            async with engines.async_sessionmaker() as session:
                session.add_all([Item(id=n, sku=f"s{n}", price=n) for n in range(1, 4)])
                await session.commit()
                assert (await session.get(Item, "2")).sku == "s2"  # type: ignore[union-attr]
                assert await session.get(Item, "99999999999999999999") is None
                found = await session.scalars(
                    sa.select(Item).where(Item.id.in_(["1", "3"])).order_by(Item.id)
                )
                assert [item.id for item in found] == [1, 3]
                # Cached statements, with other values.
                for key in ("3", "1"):
                    statement = sa.select(Item.sku).where(Item.id == key, Item.price >= "1")
                    assert await session.scalar(statement) == f"s{key}"
        finally:
            await engines.dispose()

    asyncio.run(main())


def test_errors_carry_psycopg2s_text_code_and_diagnostics(postgres_url: str) -> None:
    async def main() -> None:
        engines = create_engines(postgres_url)
        engines.guard.mode = "off"
        Base.metadata.create_all(engines.sync)
        twice = sa.insert(Item).values([{"sku": "a"}, {"sku": "a"}])
        try:
            with engines.sync.connect() as connection, pytest.raises(exc.IntegrityError) as legacy:
                connection.execute(twice)
            async with engines.async_.connect() as connection_:
                with pytest.raises(exc.IntegrityError) as target:
                    await connection_.execute(twice)
        finally:
            await engines.dispose()
        ours, theirs = target.value.orig, legacy.value.orig
        assert str(ours) == str(theirs)
        for name in ("pgcode", "pgerror"):
            assert getattr(ours, name) == getattr(theirs, name)
        assert target.value.params == legacy.value.params == {"sku_m0": "a", "sku_m1": "a"}
        for name in ("constraint_name", "table_name", "message_primary", "message_detail"):
            assert getattr(ours.diag, name) == getattr(theirs.diag, name)  # type: ignore[union-attr]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT 1/0", exc.DataError),
        ("SELECT nothing", exc.ProgrammingError),
        ("SELEC", exc.ProgrammingError),
        ("SELECT pg_terminate_backend(pg_backend_pid())", exc.OperationalError),
        ("DO $$ BEGIN RAISE EXCEPTION 'no'; END $$", exc.InternalError),
        ("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$", exc.OperationalError),
        ("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '55P03'; END $$", exc.OperationalError),
    ],
)
def test_errors_have_psycopg2s_class(
    postgres_url: str, statement: str, kind: type[Exception]
) -> None:
    async def main() -> None:
        engines = create_engines(postgres_url)
        engines.guard.mode = "off"
        try:
            with engines.sync.connect() as connection, pytest.raises(exc.DBAPIError) as legacy:
                connection.exec_driver_sql(statement)
            async with engines.async_.connect() as connection_:
                with pytest.raises(exc.DBAPIError) as target:
                    await connection_.exec_driver_sql(statement)
        finally:
            await engines.dispose()
        assert type(legacy.value) is kind
        assert type(target.value) is kind

    asyncio.run(main())
