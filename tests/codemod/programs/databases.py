"""The databases of programs: their rows at the beginning and at the end."""

from __future__ import annotations

import gc
import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg2

from migrator.embedded import create_database, drop_database, postgres

T = TypeVar("T")
_serial = itertools.count()
#: Rows by table.
Rows = dict[str, list[Any]]


@dataclass(frozen=True)
class Database:
    """One database or more: where they are, and what both sides begin and end with."""

    urls: tuple[str, ...]
    #: Writes the rows of the beginning; gives all rows.
    fresh: Callable[[], None]
    rows: Callable[[], Rows]


@contextmanager
def databases(kind: str, seeds: Sequence[str]) -> Iterator[Database]:
    """A database for the rows of each seed; no two of them have a table of the same name."""
    with ExitStack() as stack:
        found = [stack.enter_context(DATABASES[kind](seed)) for seed in seeds]

        def fresh() -> None:
            for one in found:
                one.fresh()

        def rows() -> Rows:
            return {name: held for one in found for name, held in one.rows().items()}

        yield Database(tuple(url for one in found for url in one.urls), fresh, rows)


@contextmanager
def sqlite(seed: str) -> Iterator[Database]:
    """A file. Who waits for another connection's lock fails soon; readers wait for none on either side."""
    with tempfile.TemporaryDirectory(prefix="programs") as folder:
        file = f"{folder}/rows.db"
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()

        def fresh() -> None:
            # The pages are written anew, so that open connections read them.
            connection = sqlite3.connect(file, timeout=2)
            emptied = "".join(f'DELETE FROM "{name}";' for (name,) in connection.execute(_TABLES))
            connection.executescript(f"PRAGMA synchronous=OFF; BEGIN; {emptied} {seed} COMMIT;")
            connection.close()

        def rows() -> Rows:
            connection = sqlite3.connect(file, timeout=2)
            names = [name for (name,) in connection.execute(_TABLES)]
            found = {n: connection.execute(_ALL.format(n)).fetchall() for n in names}
            connection.close()
            return found

        yield Database((f"sqlite:///{file}?timeout=0.3",), _again(fresh), _again(rows))


def _again(work: Callable[[], T]) -> Callable[[], T]:
    """The same; a connection that holds a lock and that a circle of objects holds is let go of first."""

    def done() -> T:
        try:
            return work()
        except (sqlite3.OperationalError, psycopg2.OperationalError):
            gc.collect()
            return work()

    return done


@contextmanager
def postgresql(seed: str) -> Iterator[Database]:
    """A database of a server that is thrown away."""
    with postgres() as admin:
        name = f"programs_{os.getpid()}_{next(_serial)}"
        url = create_database(admin, name)
        try:
            yield _on_server(url, name, seed)
        finally:
            drop_database(admin, name)


def _on_server(url: str, name: str, seed: str) -> Database:
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
        asked(f"TRUNCATE {names} RESTART IDENTITY; {seed} {serials}")

    def rows() -> Rows:
        return {name: asked(_ALL.format(name)) for name in tables()}

    asked(f"ALTER DATABASE {name} SET lock_timeout = 300")
    driver = url.replace("postgresql://", "postgresql+psycopg2://")
    return Database((driver,), _again(fresh), _again(rows))


_ALL = 'SELECT * FROM "{}" ORDER BY 1, 2'
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
_TABLES_OF_SERVERS = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SERIAL = (
    "SELECT setval(pg_get_serial_sequence('\"{0}\"', 'id'), coalesce(max(id), 1)) FROM \"{0}\""
)
#: Tables whose keys come from elsewhere.
_WITHOUT_SERIAL = ("tagged", "call", "credit", "desk", "machine", "robot")
DATABASES = {"sqlite": sqlite, "postgresql": postgresql}
