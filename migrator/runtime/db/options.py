"""Engine options written for a sync driver, as the async one takes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import URL

from migrator.runtime.db.in_thread import connected, is_in_thread
from migrator.runtime.db.postgresql_urls import for_both_drivers
from migrator.runtime.db.turns import with_turns
from migrator.runtime.db.urls import DatabaseUrls

# create_engine() arguments of the psycopg2 dialect alone; they change speed, not results.
_PSYCOPG2_ONLY = {
    "client_encoding",
    "executemany_mode",
    "executemany_batch_page_size",
    "executemany_values_page_size",
    "use_batch_mode",
    "use_native_hstore",
    "use_native_unicode",
    "server_side_cursors",
    "implicit_returning",
    "convert_unicode",
    "future",
}
_SQLITE3_ONLY = {"check_same_thread"}


def for_async(chosen: Mapping[str, Any], urls: DatabaseUrls) -> dict[str, Any]:
    """`chosen` for create_async_engine, with what the URL asks of the driver put in."""
    driver = urls.async_.get_driver_name()
    result = dict(chosen)
    if driver in {"asyncpg", "aiosqlite"}:
        result = {key: value for key, value in result.items() if key not in _PSYCOPG2_ONLY}
    if "creator" in result and is_in_thread(urls.async_):
        result["creator"] = partial(connected, result["creator"])
    if "pool" not in result:
        dialect: Any = urls.async_.get_dialect()
        usual = dialect.get_pool_class(urls.async_)
        result["poolclass"] = with_turns(result.get("poolclass") or usual)
    arguments = dict(result.pop("connect_args", {}))
    if driver == "aiosqlite":
        arguments = {key: value for key, value in arguments.items() if key not in _SQLITE3_ONLY}
    elif driver == "asyncpg":
        # psycopg2 gives addresses as strings
        result.setdefault("native_inet_types", False)
        arguments = _merged(urls.async_connect_args, _translated(arguments))
    if arguments:
        result["connect_args"] = arguments
    return result


def _translated(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """psycopg2.connect() arguments as asyncpg's, by the same rules as a URL's options."""
    own = {
        key: value
        for key, value in arguments.items()
        if key in {"server_settings", "ssl", "timeout", "command_timeout", "statement_cache_size"}
        or key.startswith(("prepared_statement_", "max_cache"))
        or not isinstance(value, str | int | float)
    }
    rest = {key: str(value) for key, value in arguments.items() if key not in own}
    _, url, given = for_both_drivers(URL.create("postgresql", query=rest))
    return _merged({**url.query, **given}, own)


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**first, **second}
    settings = {**first.get("server_settings", {}), **second.get("server_settings", {})}
    if settings:
        merged["server_settings"] = settings
    return merged


__all__ = ["for_async"]
