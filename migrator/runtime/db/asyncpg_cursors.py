"""What an application writes for the driver itself, as psycopg2 sends it.

A listener for `connect` sets the connection up by `cursor.execute("SET ... = %s", (x,))`, others
call `exec_driver_sql()`: psycopg2 writes the values into the statement, which is also the only way
to give `SET` one. asyncpg has `$1`, as everything has that SQLAlchemy writes for it. What it refuses
to send for such a one is written into the statement too (a bool where the model has an integer and
the database a BOOLEAN, a text for a number), and PostgreSQL says what it is.
https://www.psycopg.org/docs/usage.html#passing-parameters-to-sql-queries
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import asyncpg as base

from migrator.runtime.db.asyncpg_literals import AsGiven, Text, literal

_OF_ASYNCPG = re.compile(r"\$\d")
# A text or a name in the statement, or a parameter with what it is cast to.
_PARAMETER = re.compile(
    r"'[^']*'|\"[^\"]*\"|\$(?P<number>\d+)"
    r"(?P<cast>(?:::\w+\b(?: PRECISION| WITH(?:OUT)? TIME ZONE)?(?!\[))*)"
)
# asyncpg sends no more of them.
_MOST = 32767
_PLACEHOLDER = re.compile(r"%(?:\((?P<name>[^)]*)\))?(?P<kind>.|$)", re.DOTALL)


def install(engine: Engine) -> None:
    """Format what `exec_driver_sql()` is given; without parameters psycopg2 reads `%%` as well."""
    dialect: Any = engine.dialect
    given = dialect.do_execute

    def do_execute(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if context is not None and context.compiled is None and not _OF_ASYNCPG.search(statement):
            driver = dialect.loaded_dbapi
            statement, parameters = written(statement, parameters or {}, driver), None
        given(cursor, statement, parameters, context)

    dialect.do_execute = do_execute


def adopt(connection: Any) -> None:
    """Let the cursors of a new connection of SQLAlchemy's over asyncpg take psycopg2's parameters."""
    connection.__class__ = _Connection


def written(operation: str, parameters: Any, driver: Any) -> str:
    """The statement with its values as literals; errors are of the classes that psycopg2 raises."""
    position = 0

    def value(found: re.Match[str]) -> str:
        nonlocal position
        if found[0] == "%%":
            return "%"
        key: Any = found["name"]
        if key is None and isinstance(parameters, Mapping):
            raise TypeError(f"{type(parameters).__name__} is not a sequence")
        if key is None:
            key, position = position, position + 1
        chosen = parameters[key]
        if found["kind"] != "s":
            raise ValueError(f"unsupported format character {found['kind']!r}")
        return literal(chosen, driver)

    return _PLACEHOLDER.sub(value, operation)


def rewritten(operation: str, parameters: Sequence[Any], driver: Any) -> str:
    """The statement with asyncpg's parameters as literals, whose types are what psycopg2 makes them."""

    def value(found: re.Match[str]) -> str:
        if not found["number"]:
            return found[0]
        chosen = parameters[int(found["number"]) - 1]
        text = literal(chosen, driver)
        # What is a number or a bool, says so itself.
        of_itself = isinstance(chosen, AsGiven | Text | int | float | Decimal)
        return text if of_itself else text + found["cast"]

    return _PARAMETER.sub(value, operation)


def _unsent(error: Exception) -> bool:
    """Whether asyncpg has refused a value, which the server doesn't know of: nothing has happened."""
    import asyncpg

    cause = error.__cause__
    return isinstance(cause, asyncpg.DataError) and getattr(cause, "message", None) is None


class _Parameters:
    __slots__ = ()

    _adapt_connection: Any

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()  # type: ignore[attr-defined]  # of the cursor's, as execute()

    def execute(self, operation: str, parameters: Any = None) -> None:
        if parameters and not _OF_ASYNCPG.search(operation):
            operation = written(operation, parameters, self._adapt_connection.dbapi)
            parameters = None
        self._sent(operation, parameters)

    def _sent(self, operation: str, parameters: Any) -> bool:
        """Execute it; whether asyncpg took the values."""
        driver = self._adapt_connection.dbapi
        if parameters and (len(parameters) > _MOST or AsGiven in map(type, parameters)):
            operation, parameters = rewritten(operation, parameters, driver), None
        try:
            super().execute(operation, parameters)  # type: ignore[misc]  # of the cursor's
            return parameters is not None
        except driver.Error as error:
            if not parameters or not _unsent(error):
                raise
            try:
                operation = rewritten(operation, parameters, driver)
            except (driver.ProgrammingError, ValueError):
                raise error from error.__cause__
            super().execute(operation)  # type: ignore[misc]  # likewise
            return False

    def executemany(self, operation: str, seq_of_parameters: Sequence[Any]) -> None:
        if not _OF_ASYNCPG.search(operation):
            for parameters in seq_of_parameters:
                self.execute(operation, parameters)
            return
        # Of many rows asyncpg has sent some when it refuses one: it gets those that are like one
        # that it took.
        taken: list[set[type]] = []
        alike: list[Any] = []
        for parameters in seq_of_parameters:
            kinds = list(map(type, parameters))
            if taken and all(kind in known for kind, known in zip(kinds, taken, strict=True)):
                alike.append(parameters)
                continue
            self._send_many(operation, alike)
            alike = []
            if self._sent(operation, parameters):
                taken = taken or [{type(None)} for _ in kinds]
                for kind, known in zip(kinds, taken, strict=True):
                    known.add(kind)
        self._send_many(operation, alike)
        # As after asyncpg's own, which doesn't count. Until SQLAlchemy 2.1 it is a plain attribute.
        setattr(self, "_rowcount" if hasattr(type(self), "_rowcount") else "rowcount", -1)

    def _send_many(self, operation: str, rows: list[Any]) -> None:
        if rows:
            super().executemany(operation, rows)  # type: ignore[misc]  # of the cursor's


class _Cursor(_Parameters, base.AsyncAdapt_asyncpg_cursor):
    __slots__ = ()


class _ServerSideCursor(_Parameters, base.AsyncAdapt_asyncpg_ss_cursor):
    __slots__ = ()


class _Connection(base.AsyncAdapt_asyncpg_connection):
    __slots__ = ()

    def cursor(self, server_side: bool = False) -> Any:
        # SQLAlchemy 2.0 has no attributes for the classes.
        return (_ServerSideCursor if server_side else _Cursor)(self)
