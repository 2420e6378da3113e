"""From one database setting, the URL of each side, with its driver written out.

SQLAlchemy 2.1 reads `postgresql://` as psycopg 3, so no driver is ever left to a default.
https://docs.sqlalchemy.org/en/21/core/engines.html#database-urls
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from migrator.errors import DatabaseUrlError

_DIALECTS = {"postgres": "postgresql", "postgresql": "postgresql", "sqlite": "sqlite"}
_DRIVERS = {
    "postgresql": ("postgresql+psycopg2", "postgresql+asyncpg"),
    "sqlite": ("sqlite+pysqlite", "sqlite+aiosqlite"),
}
_EXAMPLE = "postgresql://user:password@host:5432/name or sqlite:///path/to/file.sqlite3"

# Options that only SQLAlchemy's asyncpg dialect or asyncpg.connect() knows.
_ASYNCPG_ONLY = {
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "statement_cache_size",
    "max_cached_statement_lifetime",
    "max_cacheable_statement_size",
    "command_timeout",
    "async_fallback",
}
# Options of libpq about the connection; asyncpg reads these in a DSN only.
_DSN_ONLY = {
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslrootcert",
    "sslcrl",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "sslnegotiation",
    "passfile",
    "service",
    "servicefile",
    "target_session_attrs",
    "krbsrvname",
    "gsslib",
}
# Options of libpq that have no counterpart and change no result.
_DROPPED = {
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "channel_binding",
    "gssencmode",
    "fallback_application_name",
    "client_encoding",
    "requirepeer",
    "sslcompression",
    "load_balance_hosts",
}
# Options of libpq that are parts of the URL proper; as such a password is not shown in messages.
_PARTS = {"user": "username", "password": "password", "dbname": "database"}


@dataclass(frozen=True)
class DatabaseUrls:
    """The same database for the sync and the async side.

    `async_connect_args` holds what asyncpg takes as an argument and not in the URL.
    """

    sync: URL
    async_: URL
    async_connect_args: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def parse(cls, url: str | URL) -> DatabaseUrls:
        """Read a PostgreSQL or SQLite URL, whatever driver it names.

        Raises DatabaseUrlError for anything else; its text never holds the password.
        """
        parsed = _read(url)
        backend, _, driver = parsed.drivername.partition("+")
        dialect = _DIALECTS.get(backend)
        if dialect is None:
            raise DatabaseUrlError(
                f"The database URL begins with {backend}://.",
                "Only PostgreSQL and SQLite have a sync and an async driver here.",
                f"Give a URL such as {_EXAMPLE}.",
            )
        sync_driver, async_driver = _DRIVERS[dialect]
        if dialect == "sqlite":
            if parsed.host or parsed.username or parsed.port:
                raise DatabaseUrlError(
                    "The SQLite URL names a host.",
                    "A SQLite database is a file; two slashes begin a host, not a path.",
                    "Write sqlite:///relative/path or sqlite:////absolute/path.",
                )
            return cls(parsed.set(drivername=sync_driver), parsed.set(drivername=async_driver))
        # What follows the first @ is taken for the host: a part of the password would be shown.
        if isinstance(url, str) and url.count("@") > 1:
            raise DatabaseUrlError(
                "The database URL has more than one @.",
                "The user's name or the password holds a character that ends it early.",
                "Write such characters as %XX: @ is %40, / is %2F, : is %3A (urllib.parse.quote).",
            )
        return _postgresql(parsed, driver)


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


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _postgresql(url: URL, driver: str) -> DatabaseUrls:
    sync_query: dict[str, str | tuple[str, ...]] = {}
    async_query: dict[str, str | tuple[str, ...]] = {}
    arguments: dict[str, Any] = {}
    settings: dict[str, str] = {}
    dsn: list[str] = []
    parts: dict[str, Any] = {}
    for key, value in url.query.items():
        if key in _PARTS:
            parts[_PARTS[key]] = _text(value)
        elif key in {"host", "port"}:
            sync_query[key] = async_query[key] = value
        elif key in {"sslmode", "ssl"}:
            mode = {"true": "require", "1": "require", "false": "disable"}.get(
                _text(value).lower(), _text(value)
            )
            sync_query["sslmode"] = mode
            async_query["ssl"] = mode
        elif key in {"connect_timeout", "timeout"}:
            seconds = _seconds(key, _text(value))
            # libpq waits for ever on 0 and counts whole seconds
            sync_query["connect_timeout"] = str(int(-(-seconds // 1)))
            if seconds > 0:
                arguments["timeout"] = seconds
        elif key == "options":
            sync_query[key] = value
            settings["options"] = _text(value)
        elif key in _ASYNCPG_ONLY:
            if key != "async_fallback":
                arguments[key] = _number(_text(value))
        elif key in _DSN_ONLY:
            sync_query[key] = value
            dsn.append(key)
            async_query[key] = value
        elif key in _DROPPED:
            sync_query[key] = value
        elif driver == "asyncpg" and key in {"server_settings", "dsn"}:
            async_query[key] = value
        else:
            # application_name and the like: libpq's names of run-time parameters
            sync_query[key] = value
            settings[key] = _text(value)
    if settings:
        arguments["server_settings"] = settings
    if dsn:
        arguments["dsn"] = URL.create(
            "postgresql", query={key: async_query.pop(key) for key in dsn}
        ).render_as_string(hide_password=False)
    sync, async_ = _DRIVERS["postgresql"]
    url = url.set(**parts)
    return DatabaseUrls(
        url.set(drivername=sync, query=sync_query),
        url.set(drivername=async_, query=async_query),
        MappingProxyType(arguments),
    )


def _seconds(key: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise DatabaseUrlError(
            f"The database URL's option {key} is {value!r}.",
            "It must be a number of seconds.",
            f"Write for example {key}=5.",
        ) from None


def _number(value: str) -> Any:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
