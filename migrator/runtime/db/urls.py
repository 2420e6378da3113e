"""From one database setting, the URL of each side, with its driver written out.

SQLAlchemy 2.1 reads `postgresql://` as psycopg 3, so no driver is ever left to a default.
https://docs.sqlalchemy.org/en/21/core/engines.html#database-urls
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from migrator.errors import DatabaseUrlError
from migrator.runtime.db.in_thread import in_thread, without_thread
from migrator.runtime.db.postgresql_urls import for_both_drivers

#: No driver, the sync one, the async one.
_SQLITE = ("", "pysqlite", "aiosqlite")
_EXAMPLE = "postgresql://user:password@host:5432/name or sqlite:///path/to/file.sqlite3"


@dataclass(frozen=True)
class DatabaseUrls:
    """The same database for the sync and the async side.

    `async_connect_args` holds what asyncpg takes as an argument and not in the URL.
    """

    sync: URL
    async_: URL
    async_connect_args: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def parse(
        cls, url: str | URL, *, async_driver: str | None = None, own_driver: bool = False
    ) -> DatabaseUrls:
        """Read a URL of any database that SQLAlchemy knows.

        `async_driver` takes the place of the usual one: the name of an async driver, or "thread" for
        the sync one in threads. With `own_driver` the one that `url` names is on both sides: the
        application makes its connections itself. Raises DatabaseUrlError; its text never holds the
        password.
        """
        urls = cls._usual(url, own_driver)
        if async_driver is None:
            return urls
        if async_driver == "thread":
            return cls(urls.sync, in_thread(urls.sync))
        if async_driver == "asyncpg" and urls.sync.get_backend_name() == "postgresql":
            return cls(urls.sync, *_for_asyncpg(urls.sync))
        asked = urls.sync.set(drivername=f"{urls.sync.get_backend_name()}+{async_driver}")
        if not _dialect(asked).get_async_dialect_cls(asked).is_async:
            raise DatabaseUrlError(
                f"The async driver is to be {async_driver}.",
                "It isn't one.",
                'Name an async driver, or "thread" for the sync one in threads of its own.',
            )
        return cls(urls.sync, asked)

    @classmethod
    def _usual(cls, url: str | URL, own_driver: bool) -> DatabaseUrls:
        parsed = without_thread(_read(url))
        backend, _, driver = parsed.drivername.partition("+")
        if backend == "postgres":
            backend = "postgresql"
            parsed = parsed.set(drivername=f"{backend}+{driver}" if driver else backend)
        if backend == "sqlite" and driver in _SQLITE and not own_driver:
            if parsed.host or parsed.username or parsed.port:
                raise DatabaseUrlError(
                    "The SQLite URL names a host.",
                    "A SQLite database is a file; two slashes begin a host, not a path.",
                    "Write sqlite:///relative/path or sqlite:////absolute/path.",
                )
            sync, async_ = (parsed.set(drivername=f"sqlite+{name}") for name in _SQLITE[1:])
            return cls(sync, async_)
        # What follows the first @ is taken for the host: a part of the password would be shown.
        if isinstance(url, str) and url.count("@") > 1:
            raise DatabaseUrlError(
                "The database URL has more than one @.",
                "The user's name or the password holds a character that ends it early.",
                "Write such characters as %XX: @ is %40, / is %2F, : is %3A (urllib.parse.quote).",
            )
        if backend == "postgresql" and not own_driver and not _is_psycopg(driver):
            sync = for_both_drivers(parsed)[0].set(drivername="postgresql+psycopg2")
            return cls(sync, *_for_asyncpg(parsed))
        if backend == "postgresql" and _is_psycopg(driver):
            parsed = parsed.set(drivername="postgresql+psycopg")
        return cls._own(parsed, made_elsewhere=own_driver)

    @classmethod
    def _own(cls, url: URL, made_elsewhere: bool) -> DatabaseUrls:
        """The application's own driver on both sides."""
        dialect = _dialect(url)
        if dialect.is_async:
            raise DatabaseUrlError(
                f"The database URL begins with {url.drivername}://, which is an async driver.",
                "Flask's side of the mount, scripts and migrations need one that is not.",
                "Name the sync driver in the URL, and the async one as MIGRATOR_ASYNC_DRIVER.",
            )
        url = url.set(drivername=f"{url.get_backend_name()}+{dialect.driver}")
        is_both = dialect.get_async_dialect_cls(url).is_async and not made_elsewhere
        return cls(url, url if is_both else in_thread(url))


def _for_asyncpg(url: URL) -> tuple[URL, Mapping[str, Any]]:
    _, async_, arguments = for_both_drivers(url)
    return async_.set(drivername="postgresql+asyncpg"), MappingProxyType(arguments)


def _is_psycopg(driver: str) -> bool:
    """Whether it is psycopg 3, which a URL without a driver may mean, or psycopg2 and the like."""
    if driver:
        return driver in {"psycopg", "psycopg_async"}
    return find_spec("psycopg2") is None and find_spec("psycopg") is not None


def _dialect(url: URL) -> type[Dialect]:
    try:
        return url.get_dialect()
    except NoSuchModuleError:
        raise DatabaseUrlError(
            f"The database URL begins with {url.drivername}://.",
            "SQLAlchemy knows no such database or driver.",
            f"Install the package that it is in, or give a URL such as {_EXAMPLE}.",
        ) from None


def _read(url: str | URL) -> URL:
    if isinstance(url, URL):
        return url
    try:
        return make_url(url)
    except (ArgumentError, ValueError, TypeError):
        pass  # what they say can hold a part of the password
    scheme = re.match(r"\s*([A-Za-z][\w.+-]*)://", url) if isinstance(url, str) else None
    raise DatabaseUrlError(
        f"The database URL ({scheme[1]}://…) can't be read."
        if scheme
        else "The database URL has no scheme."
        if url
        else "The database URL is empty.",
        "It isn't of the form dialect://user:password@host:port/name, or the port is no number.",
        f"Give a URL such as {_EXAMPLE}; write special characters in a password as %XX.",
    )
