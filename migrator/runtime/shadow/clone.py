"""Tier B: each side's flow on a fresh copy of the database, with the application's own pool.

Tens of milliseconds a flow, and faithful where one connection and one transaction are not: several
connections, both engines of a half-migrated application, AUTOCOMMIT, real isolation levels.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from migrator.errors import CopyError

from . import postgresql, sqlite
from .model import RowChange
from .raw import Runner, execute, literal, quoted

_serial = itertools.count(1)
#: The names of SQLAlchemy's dialects for both.
MYSQL = ("mysql", "mariadb")


def _unfaithful(what: str, why: str) -> CopyError:
    return CopyError(
        what, why, "Give the user the right CREATEDB and end other sessions, or use --tier a.",)  # fmt: skip


class Redirect:
    """Sends the new connections of one engine to another database of the same server, or file."""

    def __init__(self, engine: Engine, run: Runner) -> None:
        self.engine = engine
        self.run = run
        self.database: str | None = None
        self._pool = engine.pool
        self._dialect = cast(Any, engine.dialect)
        self._schema = self._dialect.default_schema_name
        # Not by the event do_connect: the first listener that connects by itself ends the row, and
        # SQLAlchemy keeps no place before the application's own.
        self._connect = self._dialect.connect
        self._dialect.connect = self._redirected

    def _redirected(self, *args: Any, **kwargs: Any) -> Any:
        if self.database is None:
            pass
        elif self._dialect.name == "sqlite":
            args = (self.database, *args[1:])
        elif self._dialect.name in MYSQL:
            kwargs["db" if "db" in kwargs else "database"] = self.database
        elif self._dialect.driver == "asyncpg":
            kwargs["database"] = self.database
        else:
            kwargs["dbname"] = self.database
        return self._connect(*args, **kwargs)

    def to(self, database: str | None) -> None:
        """Close what is pooled and connect to `database` from now on (None: as configured)."""
        old = self.engine.pool
        self.database = database
        self.engine.pool = self._pool if database is None else self._pool.recreate()
        if self._dialect.name in MYSQL:  # a schema is a database there
            self._dialect.default_schema_name = database or self._schema
        self.run(old.dispose)
        if database is None and old is not self._pool:
            self.run(self._pool.dispose)

    def connect(self, database: str | None) -> Any:
        """A connection of the driver's, in autocommit, outside the pool."""

        def open_() -> Any:
            before, self.database = self.database, database
            try:
                pool = NullPool(self._pool._creator, dialect=self.engine.dialect)
                fairy = pool.connect()
                connection = fairy.dbapi_connection
                fairy.detach()
            finally:
                self.database = before
            if self.engine.dialect.name == "postgresql":
                self.engine.dialect.set_isolation_level(connection, "AUTOCOMMIT")  # type: ignore[arg-type]
                self._check(connection, "SELECT current_database()", database)
            elif self.engine.dialect.name in MYSQL:
                self._check(connection, "SELECT DATABASE()", database)
            return connection

        return self.run(open_)

    def _check(self, connection: Any, question: str, database: str | None) -> None:
        ((where,),) = execute(connection, question)
        # A server may write all names small.
        if database is not None and str(where).lower() != database.lower():
            connection.close()
            raise CopyError(
                "The engine's connections can't be sent to a copy of the database.",
                "It was created with `creator=` or `async_creator=`.",
                "Let its URL say where it connects to; on PostgreSQL, --tier a compares without copies.",
            )

    def close(self) -> None:
        """Stop redirecting."""
        self.to(None)
        del self._dialect.connect


class PostgresqlClones:
    """Copies of one PostgreSQL database, made from a template that nobody is connected to."""

    def __init__(self, redirect: Redirect, source: str) -> None:
        """`redirect` is any engine of the server. No session may be on `source` now."""
        self._redirect = redirect
        self._names: list[str] = []
        self._admin: Any = None
        self._template = self._name(source)
        for database in ("postgres", "template1"):
            try:
                self._admin = redirect.connect(database)
                break
            except SQLAlchemyError as error:
                problem = str(getattr(error, "orig", error))
            except Exception as error:  # the driver's own
                problem = str(error)
        else:
            raise _unfaithful(
                "No database of the server can be used to make copies.", f"It said: {problem}."
            )
        ((version,),) = self._sql("SELECT current_setting('server_version_num')::int")
        ((fsync,),) = self._sql("SELECT current_setting('fsync')")
        # Copying files beats the log only where a checkpoint costs nothing.
        self._strategy = " STRATEGY = FILE_COPY" if version >= 150000 and fsync == "off" else ""
        try:
            self._copy(source, self._template)
        except Exception as error:
            self.close()
            raise _unfaithful(
                f"The database {source!r} can't be copied.",
                f"The server said: {str(error).strip()}.",
            ) from error
        connection = redirect.connect(self._template)
        redirect.run(
            lambda: execute(connection, f"UPDATE {postgresql.SCHEMA}.settings SET capture = true")
        )
        redirect.run(connection.close)

    def _name(self, source: str) -> str:
        return f"{source[:30]}_shadow_{os.getpid()}_{next(_serial)}"

    def _sql(self, statement: str) -> Any:
        return self._redirect.run(lambda: execute(self._admin, statement))

    def _copy(self, source: str, name: str) -> None:
        self._sql(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(source)}{self._strategy}")
        self._names.append(name)

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The name of a fresh copy, which is gone after the block."""
        name = self._name(self._template.partition("_shadow_")[0])
        self._copy(self._template, name)
        try:
            yield name
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._sql(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
        self._names.remove(name)

    def close(self) -> None:
        """Drop every copy, the template as well."""
        for name in list(self._names):
            self._drop(name)
        self._redirect.run(self._admin.close)


class SqliteClones:
    """Copies of one SQLite file, with the triggers in the copy."""

    def __init__(self, path: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="migrator-shadow-")
        self._template = Path(self._folder.name) / "template.sqlite3"
        source, copy = sqlite3.connect(path), sqlite3.connect(self._template)
        try:
            source.backup(copy)
            self.keys = sqlite.install(copy, temporary=False)
            copy.commit()
        finally:
            source.close()
            copy.close()

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The path of a fresh copy, which is gone after the block."""
        path = Path(self._folder.name) / f"copy{next(_serial)}.sqlite3"
        path.write_bytes(self._template.read_bytes())
        try:
            yield str(path)
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Remove every copy."""
        self._folder.cleanup()


class Probe:
    """Reads what was committed in a copy, over a connection of our own."""

    def __init__(self, redirect: Redirect, database: str, keys: dict[str, tuple[str, ...]]) -> None:
        self._redirect = redirect
        self._keys = keys
        self._postgresql = redirect.engine.dialect.name == "postgresql"
        self._seen = 0
        self._connection = redirect.connect(database)

    def step(self, now: datetime) -> None:
        """Set the frozen clock for the next request."""
        if self._postgresql:
            statement = f"UPDATE {postgresql.SCHEMA}.settings SET at = {literal(now.isoformat())}"
            self._redirect.run(lambda: execute(self._connection, statement))

    def writes(self) -> list[RowChange]:
        """The rows written and committed since the last call."""
        kind = postgresql if self._postgresql else sqlite

        def read() -> list[RowChange]:
            rows = kind.read_effects(self._connection, self._seen)
            if not self._postgresql:
                self._connection.commit()  # end the read, so that the next one sees more
            if rows:
                self._seen = rows[-1][0]
            return [kind.row_change(row, self._keys) for row in rows]

        return self._redirect.run(read)

    def close(self) -> None:
        """Closes the connection."""
        self._redirect.run(self._connection.close)
