"""Throw-away databases for the demo, on the embedded server, on the reader's own, or in a file.

On a server of the reader's own, two databases with names of ours are made and dropped; the one that
the URL names is connected to and never read or written.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from migrator import embedded
from migrator.errors import DatabaseUrlError
from migrator.runtime.db import DatabaseUrls, check_reachable


class Databases(ABC):
    """`url` is an empty database at first; `title` says where it lies."""

    url: str
    title: str

    @abstractmethod
    def copy(self) -> str:
        """The URL of a copy as it is now. Nobody may be connected to `url` meanwhile."""


class _Files(Databases):
    def __init__(self, folder: Path) -> None:
        self._file = folder / "storefront.sqlite3"
        self.url = f"sqlite:///{self._file}"
        self.title = "SQLite, a file"

    def copy(self) -> str:
        twin = self._file.with_name("served.sqlite3")
        shutil.copy(self._file, twin)
        return f"sqlite:///{twin}"


class _Server(Databases):
    def __init__(self, admin: str, where: str) -> None:
        self._admin = admin
        self._name = f"migrator_demo_{secrets.token_hex(4)}"
        self.title = f"PostgreSQL {_version(admin)}, {where}"
        self.url = embedded.create_database(admin, self._name)

    @property
    def _twin(self) -> str:
        return f"{self._name}_served"

    def copy(self) -> str:
        return embedded.create_database(self._admin, self._twin, template=self._name)

    def drop(self) -> None:
        for name in (self._twin, self._name):
            embedded.drop_database(self._admin, name)


@contextlib.contextmanager
def databases(folder: Path, *, url: str | None = None, sqlite: bool = False) -> Iterator[Databases]:
    """An empty database, gone at the end: in `folder`, on the server of `url`, or embedded.

    Raises DatabaseUrlError, DatabaseUnreachable, or MissingExtra.
    """
    if sqlite:
        yield _Files(folder)
    elif url is not None:
        with _on_server(_admin_url(url), "your server") as made:
            yield made
    else:
        with embedded.postgres() as admin:
            own = embedded.is_own(admin)
            with _on_server(admin, "started for this run" if own else "from DATABASE_URL") as made:
                yield made


@contextlib.contextmanager
def _on_server(admin: str, where: str) -> Iterator[_Server]:
    server = _Server(admin, where)
    try:
        yield server
    finally:
        server.drop()


def _admin_url(url: str) -> str:
    urls = DatabaseUrls.parse(url)
    if urls.sync.get_backend_name() != "postgresql":
        raise DatabaseUrlError(
            "--database-url names a SQLite file.",
            "Databases are made on a server and dropped; a file of yours is never touched.",
            "Use --sqlite: the file is made for the run.",
        )
    check_reachable(urls)
    return urls.sync.render_as_string(hide_password=False)


def _version(admin: str) -> str:
    engine = sa.create_engine(DatabaseUrls.parse(admin).sync, poolclass=NullPool)
    with engine.connect() as connection:
        said = connection.execute(sa.text("SHOW server_version")).scalar_one()
    return str(said).partition(" ")[0]
