"""libpq's options in a URL, and asyncpg's, for a connection over psycopg2 and one over asyncpg.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL

from migrator.errors import DatabaseUrlError

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


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def for_both_drivers(url: URL) -> tuple[URL, URL, dict[str, Any]]:
    """`url` for psycopg2 and for asyncpg, without their names, and what asyncpg.connect() is given besides.

    Raises DatabaseUrlError for a number of seconds that is none.
    """
    driver = url.drivername.partition("+")[2]
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
    url = url.set(**parts)
    return url.set(query=sync_query), url.set(query=async_query), arguments


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


__all__ = ["for_both_drivers"]
