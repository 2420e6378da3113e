"""One setting, two URLs with their drivers written out; a bad one is one clear error."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL

from migrator.errors import DatabaseUrlError
from migrator.runtime.db import DatabaseUrls, create_engines
from migrator.runtime.db import urls as urls_module


def shown(url: str | URL) -> tuple[str, str, dict[str, Any]]:
    urls = DatabaseUrls.parse(url)
    return (
        urls.sync.render_as_string(hide_password=False),
        urls.async_.render_as_string(hide_password=False),
        dict(urls.async_connect_args),
    )


@pytest.mark.parametrize(
    "scheme",
    ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg", "postgresql+pg8000"],
)
def test_postgresql_under_any_driver(scheme: str) -> None:
    assert shown(f"{scheme}://u:p%40ss@h:5433/d") == (
        "postgresql+psycopg2://u:p%40ss@h:5433/d",
        "postgresql+asyncpg://u:p%40ss@h:5433/d",
        {},
    )


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql+psycopg_async"])
def test_psycopg_3_has_both_sides(scheme: str) -> None:
    url = "postgresql+psycopg://u:p%40ss@h:5433/d?sslmode=require"
    assert shown(url.replace("postgresql+psycopg", scheme)) == (url, url, {})


def test_a_url_without_a_driver_means_the_one_that_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert DatabaseUrls.parse("postgresql://h/d").sync.get_driver_name() == "psycopg2"
    monkeypatch.setattr(urls_module, "find_spec", lambda name: None if name == "psycopg2" else name)
    assert DatabaseUrls.parse("postgres://h/d").sync.drivername == "postgresql+psycopg"
    by_name = create_engines(
        "postgresql+asyncpg://h/d", async_options={"connect_args": {"sslmode": "require"}}
    )
    assert by_name.async_.dialect.driver == "asyncpg"


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"])
def test_sqlite_under_any_driver(scheme: str) -> None:
    for rest in ("", "/:memory:", "/a/b.db", "//a/b.db", "/file:a?mode=ro&uri=true"):
        urls = DatabaseUrls.parse(f"{scheme}://{rest}")
        plain = sa.make_url(f"sqlite://{rest}")
        assert urls.sync == plain.set(drivername="sqlite+pysqlite")
        assert urls.async_ == plain.set(drivername="sqlite+aiosqlite")


@pytest.mark.parametrize(
    ("query", "sync", "async_", "arguments"),
    [
        ("sslmode=require", "sslmode=require", "ssl=require", {}),
        ("ssl=true", "sslmode=require", "ssl=require", {}),
        ("host=/run/pg", "host=%2Frun%2Fpg", "host=%2Frun%2Fpg", {}),
        ("connect_timeout=5", "connect_timeout=5", "", {"timeout": 5.0}),
        ("connect_timeout=0", "connect_timeout=0", "", {}),
        ("timeout=0.5", "connect_timeout=1", "", {"timeout": 0.5}),
        (
            "options=-c%20search_path%3Dx",
            "options=-c+search_path%3Dx",
            "",
            {"server_settings": {"options": "-c search_path=x"}},
        ),
        (
            "application_name=shop",
            "application_name=shop",
            "",
            {"server_settings": {"application_name": "shop"}},
        ),
        ("statement_cache_size=0", "", "", {"statement_cache_size": 0}),
        ("prepared_statement_cache_size=0", "", "", {"prepared_statement_cache_size": 0}),
        ("keepalives_idle=30", "keepalives_idle=30", "", {}),
        (
            "sslmode=verify-full&sslrootcert=/ca.pem",
            "sslmode=verify-full&sslrootcert=%2Fca.pem",
            "ssl=verify-full",
            {"dsn": "postgresql://?sslrootcert=%2Fca.pem"},
        ),
    ],
)
def test_options_are_translated(
    query: str, sync: str, async_: str, arguments: dict[str, Any]
) -> None:
    urls = shown(f"postgresql://u@h/d?{query}")
    assert urls[0].partition("?")[2] == sync
    assert urls[1].partition("?")[2] == async_
    assert urls[2] == arguments


def test_the_translated_options_hold_on_both_sides(postgres_url: str) -> None:
    settings = {
        "application_name": "shop",
        "options": "-c search_path=elsewhere -c statement_timeout=4321",
        "connect_timeout": "7",
        "sslmode": "prefer",
    }
    url = sa.make_url(postgres_url).update_query_dict(settings)
    names = ("application_name", "search_path", "statement_timeout", "timezone")

    def read(connection: sa.Connection) -> list[Any]:
        return [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]

    async def main() -> None:
        engines = create_engines(url, lock_timeout=1.5)
        engines.guard.mode = "off"
        try:
            with engines.sync.connect() as connection:
                expected = read(connection)
                assert expected[:3] == ["shop", "elsewhere", "4321ms"]
                assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "1500ms"
            async with engines.async_.connect() as async_connection:
                assert await async_connection.run_sync(read) == expected
                shown = await async_connection.exec_driver_sql("SHOW lock_timeout")
                assert shown.scalar() == "1500ms"
        finally:
            await engines.dispose()

    asyncio.run(main())


def test_engine_options_for_psycopg2_serve_asyncpg(postgres_url: str) -> None:
    options = {
        "pool_size": 3,
        "max_overflow": 1,
        "pool_pre_ping": True,
        "pool_recycle": 60,
        "poolclass": sa.pool.QueuePool,
        "executemany_mode": "values_plus_batch",
        "isolation_level": "REPEATABLE READ",
        "connect_args": {
            "connect_timeout": 3,
            "application_name": "args",
            "options": "-c statement_timeout=99",
            "keepalives": 1,
            "sslmode": "disable",
        },
    }

    async def main() -> None:
        engines = create_engines(postgres_url, sync_options=options, async_options=options)
        engines.guard.mode = "off"
        names = ("application_name", "statement_timeout", "transaction_isolation")
        statement = ", ".join(f"current_setting('{name}')" for name in names)
        expected = ("args", "99ms", "repeatable read")
        try:
            with engines.sync.connect() as connection:
                assert connection.exec_driver_sql(f"SELECT {statement}").one() == expected
            async with engines.async_.connect() as async_connection:
                result = await async_connection.exec_driver_sql(f"SELECT {statement}")
                assert result.one() == expected
            assert engines.async_.pool.size() == engines.sync.pool.size() == 3  # type: ignore[attr-defined]
        finally:
            await engines.dispose()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "is empty"),
        ("shop.db", "no scheme"),
        ("postgresql:/u:s3cret@h/d", "no scheme"),
        ("nosuch://u:s3cret@h/d", "begins with nosuch://"),
        ("postgresql://u:s3@cret@h/d", "%40"),
        ("postgresql://u:p@h:s3cret/d", "port is no number"),
        ("postgresql://u:p@h/d?connect_timeout=soon", "number of seconds"),
        ("sqlite://relative.db", "names a host"),
        (None, "is empty"),
    ],
)
def test_a_bad_url_is_one_clear_error_without_the_password(url: Any, says: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        DatabaseUrls.parse(url)
    assert says in str(caught.value)
    for part in ("s3cret", "cret", "s3@"):
        assert part not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


AROUND = st.text(st.sampled_from("@/:?#%=& x1é"), max_size=4) | st.text(max_size=4)


@given(before=AROUND, after=AROUND)
def test_no_raw_password_ever_comes_out(before: str, after: str) -> None:
    said = ""
    try:
        said = repr(DatabaseUrls.parse(f"postgresql://user:{before}s3cret{after}@host/name"))
    except DatabaseUrlError as error:
        said = str(error)
    assert "s3cret" not in said


def test_a_password_among_the_options_is_kept_out_of_sight() -> None:
    urls = DatabaseUrls.parse("postgresql:///?user=u&password=s3cret&dbname=d&host=h")
    assert (urls.async_.username, urls.async_.password, urls.async_.database) == (
        "u",
        "s3cret",
        "d",
    )
    assert dict(urls.sync.query) == dict(urls.async_.query) == {"host": "h"}
    assert "s3cret" not in repr(urls)


@given(password=st.text(min_size=1))
def test_a_quoted_password_arrives_whole(password: str) -> None:
    try:
        url = URL.create("postgresql", "user", password, "host", database="name")
        text = url.render_as_string(hide_password=False)
        text.encode()
    except UnicodeEncodeError:
        return
    urls = DatabaseUrls.parse(text)
    assert urls.sync.password == urls.async_.password == password
    assert urls.async_.host == "host"
