"""The database has a column as something else than the model says: psycopg2's result is the measure.

psycopg2's literals have the type that PostgreSQL finds beside them. A migration made a BOOLEAN of what
the model calls a SmallInteger, a UUID or an enumeration of what it calls a String: nobody
notices, until parameters say what they are.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from migrator.runtime.db import Engines, create_engines

ID = uuid.UUID(int=5)
AT = datetime(2020, 1, 2, 3, 4, 5)


class Tone(sa.TypeDecorator[str]):
    impl = sa.Enum("x", "y", name="elsewhere")
    cache_ok = True


class Name(sa.TypeDecorator[str]):
    impl = sa.String
    cache_ok = True


_NUMBERS = "smallint|bigint|numeric|double precision"
_ALL = f"{_NUMBERS}|boolean|varchar(40)|char(3)|uuid|jsonb|letters|timestamptz|date|inet"
_VALUES: list[Any] = [None, True, False, 1, 0, 2**40, 1.5, 0.1 + 0.2, Decimal("2.5")]
_TEXTS: list[Any] = ["1", "x", "X", "x ", "true", str(ID), "2020-01-02", "10.0.0.1", '{"a": 1}']

#: What the model says, what the database may have instead, and the values.
CASES: list[tuple[Any, str, list[Any]]] = [
    (sa.SmallInteger(), "boolean|integer|bigint|numeric|varchar(40)", _VALUES),
    (sa.Integer(), f"{_NUMBERS}|boolean|varchar(40)|uuid", [*_VALUES, ID]),
    (sa.BigInteger(), "boolean|integer|numeric", _VALUES),
    (sa.Numeric(10, 2), "numeric|bigint|double precision|varchar(40)|boolean", _VALUES),
    (sa.Float(), "double precision|real|numeric|bigint|boolean", [*_VALUES, float("inf")]),
    (sa.String(40), _ALL, [*_VALUES, *_TEXTS]),
    (sa.Text(), "char(3)|letters", [*_VALUES, *_TEXTS]),
    (sa.CHAR(3), "varchar(3)|char(3)", ["x", "x ", "X", 5, 1.5]),
    (Name(), "uuid|letters|bigint", ["x", "X", "1", str(ID), None]),
    (sa.Boolean(), "boolean|smallint|varchar(40)", [True, False, 1, 0, None]),
    (sa.JSON(), "jsonb|varchar(40)", [{"a": 1}, [True], True, 5, "x"]),
    (sa.Uuid(), "varchar(40)|uuid", [ID, None]),
    (
        sa.Date(),
        "date|timestamp|timestamptz",
        [AT, AT.replace(tzinfo=UTC), AT.date(), "2020-01-02"],
    ),
    (sa.DateTime(), "timestamptz|date", [AT, AT.replace(tzinfo=UTC), date(2020, 1, 2)]),
    (sa.Enum("x", "y", name="letter"), "letters|varchar(10)|integer", ["x", "y"]),
    (sa.Enum("x", "y", name="letter", native_enum=False), "letters", ["x", "y"]),
    (Tone(), "letters", ["x", "y"]),
]

#: What is answered otherwise, by the model's type and the column: an error where psycopg2 has none,
#: but for the last, where it is the other way round.
LEFT = {
    # NULL has the type that the model gives it, also beside a bool.
    ("Numeric", "boolean"): {"insert", "values", "many", "equal", "in", "update", "updates"},
    ("Float", "boolean"): {"insert", "values", "many", "equal", "in", "update", "updates"},
    ("Boolean", "smallint"): {
        "insert",
        "values",
        "many",
        "read",
        "equal",
        "in",
        "update",
        "updates",
    },
    # `IN (NULL)`
    ("SmallInteger", "boolean"): {"in"},
    ("SmallInteger", "varchar(40)"): {"in"},
    ("Integer", "boolean"): {"in"},
    ("Integer", "varchar(40)"): {"in"},
    ("Integer", "uuid"): {"in"},
    ("BigInteger", "boolean"): {"in"},
    ("Numeric", "varchar(40)"): {"in"},
    ("Boolean", "varchar(40)"): {"in"},
    # A number as a text is JSON; psycopg2's literal is a number.
    ("String", "jsonb"): {"insert", "values", "many", "update", "updates", "read"},
}


def outcomes(connection: sa.Connection, table: sa.Table, value: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def record(name: str, action: Callable[[], Any]) -> None:
        savepoint = connection.begin_nested()
        try:
            result = action()
        except exc.SQLAlchemyError:
            savepoint.rollback()
            seen[name] = "an error"  # of the one class or the other
        else:
            savepoint.commit()
            seen[name] = repr(result)

    raw = sa.text(f"select cast(v as text) from {table.name} order by n desc limit 2")
    rows = [{"v": value}, {"v": value}]
    in_order = sa.insert(table).returning(table.c.n, sort_by_parameter_order=True)

    def written(statement: Any, *parameters: Any) -> Any:
        connection.execute(statement, *parameters).close()
        return connection.execute(raw).all()

    connection.execute(sa.text(f"insert into {table.name} (v) values (null)"))
    record("insert", lambda: written(table.insert().values(v=value)))
    record("values", lambda: written(table.insert().values([{"v": None}, {"v": value}])))
    record("many", lambda: written(table.insert(), [*rows, {"v": None}]))
    record("returning", lambda: written(in_order, rows))
    record(
        "read", lambda: connection.execute(sa.select(table.c.v).order_by(table.c.n)).scalars().all()
    )
    rows_of = sa.select(sa.func.count()).select_from(table)
    record("equal", lambda: connection.scalar(rows_of.where(table.c.v == value)))
    record("less", lambda: connection.scalar(rows_of.where(table.c.v < value)))
    record("in", lambda: connection.scalar(rows_of.where(table.c.v.in_([value]))))
    record("update", lambda: written(table.update().values(v=value)))
    changes = sa.update(table).where(table.c.n > sa.bindparam("after"))
    record("updates", lambda: written(changes, [{"after": n, "v": value} for n in (0, 1)]))
    connection.rollback()
    return seen


async def compare(engines: Engines) -> dict[tuple[str, str], dict[str, list[str]]]:
    differences: dict[tuple[str, str], dict[str, list[str]]] = {}
    with engines.sync.begin() as connection:
        connection.execute(sa.text("create type letters as enum ('x', 'y', 'z')"))
    kinds = [(type_, column, values) for type_, all_, values in CASES for column in all_.split("|")]
    for number, (type_, column, values) in enumerate(kinds):
        key = sa.Column("n", sa.Integer, primary_key=True)
        table = sa.Table(f"other{number}", sa.MetaData(), key, sa.Column("v", type_))
        with engines.sync.begin() as connection:
            connection.execute(sa.text(f"create table {table.name} (n serial, v {column})"))
        found: dict[str, list[str]] = {}
        for value in values:
            with engines.sync.connect() as connection:
                legacy = outcomes(connection, table, value)
            async with engines.async_.connect() as async_connection:
                target = await async_connection.run_sync(outcomes, table, value)
            for step in legacy:
                if legacy[step] != target[step]:
                    said = f"{value!r}: {legacy[step]} != {target[step]}"
                    found.setdefault(step, []).append(said)
        if found:
            differences[type(type_).__name__, column] = found
    return differences


def on_both(url: str, test: Callable[[Engines], Awaitable[Any]]) -> Any:
    engines = create_engines(url)
    engines.guard.mode = "off"  # both sides run on this thread, one after the other

    async def main() -> Any:
        try:
            return await test(engines)
        finally:
            await engines.dispose()

    return asyncio.run(main())


def test_a_column_may_be_something_else(postgres_url: str) -> None:
    differences = on_both(postgres_url, compare)
    lines = [
        f"{' over '.join(which)}, {step}: {line}"
        for which, steps in differences.items()
        for step, said in steps.items()
        for line in said
        if step not in LEFT.get(which, ())
    ]
    assert not lines, "\n".join(lines)
    assert {which: set(steps) for which, steps in differences.items()} == LEFT


#: What the extension citext makes, as far as it is needed here.
_CASELESS = """
create type caseless;
create function caselessin(cstring) returns caseless as 'textin' language internal immutable strict;
create function caselessout(caseless) returns cstring as 'textout' language internal immutable strict;
create type caseless (input = caselessin, output = caselessout, category = 'S', collatable = true);
create cast (caseless as text) without function as implicit;
create cast (caseless as varchar) without function as implicit;
create cast (text as caseless) without function as assignment;
create cast (varchar as caseless) without function as assignment;
create function caseless_eq(caseless, caseless) returns bool
    as 'select lower($1::text) = lower($2::text)' language sql immutable strict;
create operator = (leftarg = caseless, rightarg = caseless, procedure = caseless_eq);
create function caseless_ne(caseless, caseless) returns bool
    as 'select lower($1::text) <> lower($2::text)' language sql immutable strict;
create operator <> (leftarg = caseless, rightarg = caseless, procedure = caseless_ne);
create table people (email caseless);
insert into people values ('Ann@example.org'), ('ben@example.org');
"""


def test_what_the_model_has_as_a_text_may_ignore_case(postgres_url: str) -> None:
    people = sa.table("people", sa.column("email", sa.String))
    other = people.alias()

    def ask(connection: sa.Connection) -> list[list[str]]:
        return [
            list(connection.scalars(sa.select(email).where(criterion)))
            for email, criterion in (
                (people.c.email, people.c.email == "ann@EXAMPLE.org"),
                (people.c.email, people.c.email != "ANN@example.org"),
                (people.c.email, people.c.email.in_(["ANN@example.org", "x"])),
                (people.c.email, people.c.email.not_in(["ANN@example.org", "x"])),
                (people.c.email, people.c.email == sa.bindparam("q", "BEN@example.org")),
                (other.c.email, sa.literal("BEN@example.org") == other.c.email),
                (people.c.email, sa.func.lower(people.c.email) == "ANN@example.org"),
                (people.c.email, sa.case((people.c.email == "BEN@example.org", 1), else_=0) == 1),
            )
        ]

    async def both(engines: Engines) -> tuple[Any, Any]:
        with engines.sync.begin() as connection:
            connection.exec_driver_sql(_CASELESS)
            legacy = ask(connection)
        async with engines.async_.connect() as connection_:
            return legacy, await connection_.run_sync(ask)

    legacy, target = on_both(postgres_url, both)
    ann, ben = ["Ann@example.org"], ["ben@example.org"]
    assert legacy == target == [ann, ben, ann, ben, ben, ben, [], ben]


def test_of_many_rows_some_may_be_odd_ones(postgres_url: str) -> None:
    """They are inserted once each, in their order."""
    flags = [1, 2, True, None, 3.0, 2.5, "7", 8, False, None, 9]
    table = sa.Table("many", sa.MetaData(), sa.Column("n", sa.Integer), sa.Column("v", sa.Integer))

    def insert(connection: sa.Connection) -> list[Any]:
        connection.execute(sa.text("create table many (n serial, v text)"))
        connection.execute(table.insert(), [{"v": flag} for flag in flags])
        found = connection.execute(sa.text("select v from many order by n")).scalars().all()
        connection.rollback()
        return list(found)

    async def both(engines: Engines) -> tuple[list[Any], list[Any]]:
        with engines.sync.connect() as connection:
            legacy = insert(connection)
        async with engines.async_.connect() as connection_:
            return legacy, await connection_.run_sync(insert)

    legacy, target = on_both(postgres_url, both)
    assert (
        target[4] == "3"
    )  # psycopg2 writes 3.0, which a column of integers would have as 3 as well
    assert [*target[:4], "3.0", *target[5:]] == legacy
    assert len(target) == len(flags)


def test_there_may_be_more_values_than_parameters_of_one_statement(postgres_url: str) -> None:
    number = sa.func.generate_series(1, 5, type_=sa.Integer).column_valued("n")
    wanted = sa.select(number).where(number.in_(range(3, 40_000)))

    async def both(engines: Engines) -> tuple[Any, Any]:
        with engines.sync.connect() as connection:
            legacy = connection.scalars(wanted).all()
        async with engines.async_.connect() as connection_:
            return legacy, (await connection_.scalars(wanted)).all()

    legacy, target = on_both(postgres_url, both)
    assert legacy == target == [3, 4, 5]
