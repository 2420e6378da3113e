"""A cursor of the driver takes psycopg2's parameters, whichever driver it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from migrator.runtime.db import create_engines

_ODD = 'it\'s 5 % of \\ "all"'


def _a_sequence(cursor: Any) -> None:
    cursor.execute("SET statement_timeout = %s", (1234567,))
    cursor.execute("SET application_name = %s", [_ODD])


def _a_mapping(cursor: Any) -> None:
    cursor.execute("SET application_name = %(name)s", {"name": "shop", "unused": 5})


def _percent_signs(cursor: Any) -> None:
    cursor.execute("SELECT set_config('application_name', '5 %% of ' || %s, false)", ("all",))


def _no_parameters(cursor: Any) -> None:
    cursor.execute("SELECT set_config('application_name', '5 %s', false)")


def _many(cursor: Any) -> None:
    cursor.executemany(
        "SELECT set_config(%s, %s, false)", [("a.x", "1"), ("application_name", _ODD)]
    )


def _what_it_answers(cursor: Any) -> None:
    cursor.execute("SELECT 'as ' || %s, %s, %s", ("asked", None, 7))
    text, nothing, number = cursor.fetchone()
    assert nothing is None
    cursor.execute("SET application_name = %s", (f"{text} {number}",))


_SETTINGS = "SELECT current_setting('application_name'), current_setting('statement_timeout')"


@pytest.mark.parametrize(
    "set_up",
    [_a_sequence, _a_mapping, _percent_signs, _no_parameters, _many, _what_it_answers],
)
def test_in_a_listener(postgres_url: str, set_up: Callable[[Any], None]) -> None:
    engines = create_engines(postgres_url)

    @event.listens_for(engines.sync, "connect")
    def connect(connection: Any, record: Any) -> None:
        with connection.cursor() as cursor:
            set_up(cursor)
        connection.commit()

    async def on_the_loop() -> Any:
        try:
            async with engines.async_.connect() as connection:
                return (await connection.execute(sa.text(_SETTINGS))).one()
        finally:
            await engines.dispose()

    with engines.sync.connect() as connection:
        expected = connection.execute(sa.text(_SETTINGS)).one()
    assert asyncio.run(on_the_loop()) == expected
    assert expected[0]


def test_a_search_path_set_with_autocommit(postgres_url: str) -> None:
    """As SQLAlchemy's documentation has it."""
    engines = create_engines(postgres_url)

    @event.listens_for(engines.sync, "connect", insert=True)
    def connect(connection: Any, record: Any) -> None:
        before = connection.autocommit
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SET SESSION search_path = %s", ("pg_catalog",))
        cursor.close()
        connection.autocommit = before

    asked = sa.text("SHOW search_path")

    async def on_the_loop() -> Any:
        try:
            async with engines.async_.connect() as connection:
                await connection.rollback()
                return await connection.scalar(asked)
        finally:
            await engines.dispose()

    with engines.sync.connect() as connection:
        connection.rollback()
        assert connection.scalar(asked) == "pg_catalog"
    assert asyncio.run(on_the_loop()) == "pg_catalog"


_DIRECT: list[tuple[str, Any]] = [
    ("SELECT %s || 'x'", ("a",)),
    ("SELECT %(a)s || %(a)s, '100 %%'", {"a": _ODD, "b": object()}),
    ("SELECT 7 WHERE 3 IN %s", ((1, 2, 3),)),
    ("SELECT 7 WHERE 3 = ANY(%s)", ([1, 2, 3],)),
    ("SELECT '%'", None),
    ("SELECT '%s'", None),
    ("SELECT '100 %%'", None),
    ("SELECT '100 %%'", ("none",)),
    ("SELECT '100 %'", ("one",)),
    ("SELECT %s, %s", ("too few",)),
    ("SELECT 1", ("too many",)),
    ("SELECT %(a)s", ("no mapping",)),
    ("SELECT %(a)s", {"b": 1}),
    ("SELECT %s", {"a": 1}),
    ("SELECT %d", (1,)),
    ("SELECT 5 %", (1,)),
    ("SELECT %s", (object(),)),
]


@pytest.mark.parametrize(("statement", "parameters"), _DIRECT)
def test_exec_driver_sql(postgres_url: str, statement: str, parameters: Any) -> None:
    engines = create_engines(postgres_url)

    def answer(connection: sa.Connection) -> Any:
        try:
            return connection.exec_driver_sql(statement, parameters).all()
        except Exception as e:
            return type(e)

    async def on_the_loop() -> Any:
        try:
            async with engines.async_.connect() as connection:
                return await connection.run_sync(answer)
        finally:
            await engines.dispose()

    with engines.sync.connect() as connection:
        expected = answer(connection)
    assert asyncio.run(on_the_loop()) == expected
