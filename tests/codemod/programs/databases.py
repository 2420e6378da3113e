"""The databases of programs: their rows at the beginning and at the end."""

from __future__ import annotations

import gc
import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg2

from migrator.embedded import create_database, drop_database, postgres
from tests.codemod.programs.homes import SEED

T = TypeVar("T")
_serial = itertools.count()
#: Rows by table.
Rows = dict[str, list[Any]]


@dataclass(frozen=True)
class Database:
    """One database: where it is, and what both sides begin and end with."""

    url: str
    #: Writes the rows of the beginning; gives all rows.
    fresh: Callable[[], None]
    rows: Callable[[], Rows]


@contextmanager
def sqlite() -> Iterator[Database]:
    """A file. Who waits for another connection's lock fails soon."""
    with tempfile.TemporaryDirectory(prefix="programs") as folder:
        file = f"{folder}/rows.db"

        def fresh() -> None:
            # The pages are written anew, so that open connections read them.
            connection = sqlite3.connect(file, timeout=2)
            emptied = "".join(f'DELETE FROM "{name}";' for (name,) in connection.execute(_TABLES))
            connection.executescript(f"PRAGMA synchronous=OFF; BEGIN; {emptied} {SEED} COMMIT;")
            connection.close()

        def rows() -> Rows:
            connection = sqlite3.connect(file, timeout=2)
            names = [name for (name,) in connection.execute(_TABLES)]
            found = {n: connection.execute(_ALL.format(n)).fetchall() for n in names}
            connection.close()
            return found

        yield Database(f"sqlite:///{file}?timeout=0.3", _again(fresh), _again(rows))


def _again(work: Callable[[], T]) -> Callable[[], T]:
    """The same; a connection that holds a lock and that a circle of objects holds is let go of first."""

    def done() -> T:
        try:
            return work()
        except sqlite3.OperationalError:
            gc.collect()
            return work()

    return done


@contextmanager
def postgresql() -> Iterator[Database]:
    """A database of a server that is thrown away."""
    with postgres() as admin:
        name = f"programs_{os.getpid()}_{next(_serial)}"
        url = create_database(admin, name)
        try:
            yield _on_server(url, name)
        finally:
            drop_database(admin, name)


def _on_server(url: str, name: str) -> Database:
    def asked(*statements: str) -> list[Any]:
        connection = psycopg2.connect(url)
        try:
            with connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def tables() -> list[str]:
        return [name for (name,) in asked(_TABLES_OF_SERVERS)]

    def fresh() -> None:
        found = tables()
        names = ", ".join(f'"{name}"' for name in found)
        serials = ";".join(_SERIAL.format(name) for name in found if name not in _WITHOUT_SERIAL)
        asked(f"TRUNCATE {names} RESTART IDENTITY; {SEED} {serials}")

    def rows() -> Rows:
        return {name: asked(_ALL.format(name)) for name in tables()}

    asked(f"ALTER DATABASE {name} SET lock_timeout = 300")
    return Database(url.replace("postgresql://", "postgresql+psycopg2://"), fresh, rows)


_ALL = 'SELECT * FROM "{}" ORDER BY 1, 2'
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
_TABLES_OF_SERVERS = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SERIAL = (
    "SELECT setval(pg_get_serial_sequence('\"{0}\"', 'id'), coalesce(max(id), 1)) FROM \"{0}\""
)
#: Tables whose keys come from elsewhere.
_WITHOUT_SERIAL = ("tagged", "call", "credit")
DATABASES = {"sqlite": sqlite, "postgresql": postgresql}
