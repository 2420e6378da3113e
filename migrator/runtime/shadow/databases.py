"""Which databases the two sides have, and what tells the rows of one from those of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count

from sqlalchemy import Engine

from .observe import Application


@dataclass(frozen=True, slots=True)
class Database:
    """One database by what tells it apart."""

    dialect: str
    host: str
    port: int | None
    name: str

    @classmethod
    def of(cls, engine: Engine) -> Database:
        """The database of an engine's URL."""
        url = engine.url
        host = url.host or str(url.query.get("host") or url.query.get("unix_socket") or "")
        kind = "mysql" if engine.dialect.name == "mariadb" else engine.dialect.name
        nameless = ":memory:" if kind == "sqlite" else ""
        return cls(kind, host, url.port, url.database or nameless)

    def __str__(self) -> str:
        return f"{self.dialect}:{self.name}"


def labels(applications: Sequence[Application]) -> dict[Database, str]:
    """What is put before the names of each database's tables; "" for the main database.

    That is its bind key, on either side, so that a row which one side writes elsewhere is another
    row, and two copies of a database have one label. Databases that nobody has named are counted;
    one on each side needs no name.
    """
    sides = [{e: Database.of(e) for e in side.engines} for side in applications]
    if all(len(set(side.values())) == 1 for side in sides):
        return {database: "" for side in sides for database in side.values()}
    found: dict[Database, str] = {}
    for application, side in zip(applications, sides, strict=True):
        for engine, database in side.items():
            key = application.keys[engine]
            if key is not None:
                found.setdefault(database, key)
    for side in sides:
        for database in side.values():
            if database not in found:
                taken = {found.get(other) for other in side.values()}
                found[database] = next(n for n in _names() if n not in taken)
    return found


def _names() -> Iterator[str]:
    return chain([""], map(str, count(2)))
