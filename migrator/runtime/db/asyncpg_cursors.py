"""What an application writes for the driver itself, as psycopg2 sends it.

A listener for `connect` sets the connection up by `cursor.execute("SET ... = %s", (x,))`, others
call `exec_driver_sql()`: psycopg2 writes the values into the statement, which is also the only way
to give `SET` one. asyncpg has `$1`, as everything has that SQLAlchemy writes for it.
https://www.psycopg.org/docs/usage.html#passing-parameters-to-sql-queries
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import asyncpg as base

from migrator.runtime.db.asyncpg_literals import literal

_OF_ASYNCPG = re.compile(r"\$\d")
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


class _Parameters:
    __slots__ = ()

    _adapt_connection: Any

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()  # type: ignore[attr-defined]  # of the cursor's, as execute()

    def execute(self, operation: str, parameters: Any = None) -> Any:
        if parameters and not _OF_ASYNCPG.search(operation):
            operation = written(operation, parameters, self._adapt_connection.dbapi)
            parameters = None
        return super().execute(operation, parameters)  # type: ignore[misc]  # of the cursor's

    def executemany(self, operation: str, seq_of_parameters: Sequence[Any]) -> Any:
        if _OF_ASYNCPG.search(operation):
            return super().executemany(operation, seq_of_parameters)  # type: ignore[misc]  # likewise
        for parameters in seq_of_parameters:
            self.execute(operation, parameters)
        return None


class _Cursor(_Parameters, base.AsyncAdapt_asyncpg_cursor):
    __slots__ = ()


class _ServerSideCursor(_Parameters, base.AsyncAdapt_asyncpg_ss_cursor):
    __slots__ = ()


class _Connection(base.AsyncAdapt_asyncpg_connection):
    __slots__ = ()

    def cursor(self, server_side: bool = False) -> Any:
        # SQLAlchemy 2.0 has no attributes for the classes.
        return (_ServerSideCursor if server_side else _Cursor)(self)
