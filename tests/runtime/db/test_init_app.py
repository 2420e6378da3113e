"""`db.init_app(app)`: what it reads, what it refuses, and several applications in one process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from migrator.errors import DatabaseUrlError, UsageError
from migrator.runtime.db import OutsideScope, SQLAlchemy, bridge


def test_a_bad_setting_is_one_clear_error(make_shop: Callable[..., Any]) -> None:
    with pytest.raises(RuntimeError, match="SQLALCHEMY_DATABASE_URI"):
        make_shop(None)
    with pytest.raises(DatabaseUrlError, match="nosuch://"):
        make_shop("nosuch://u:s3cret@h/d")
    with pytest.raises(UsageError, match="allow, warn and raise"):
        make_shop("sqlite://", MIGRATOR_IMPLICIT_IO="sometimes")
    with pytest.raises(UsageError, match="off, warn and raise"):
        make_shop("sqlite://", MIGRATOR_SYNC_ENGINE_GUARD="loud")


def test_the_application_is_set_up_once(make_shop: Callable[..., Any]) -> None:
    shop = make_shop("sqlite://")
    assert shop.app.extensions["sqlalchemy"] is shop.db
    with pytest.raises(RuntimeError, match="already"):
        SQLAlchemy().init_app(shop.app)


def test_before_init_app_the_error_says_so() -> None:
    db = SQLAlchemy()
    for use in (lambda: db.engine, db.scope, db.create_all):
        with pytest.raises(OutsideScope, match=r"db\.init_app"):
            use()
    assert repr(db) == "<SQLAlchemy>"


def test_settings_reach_the_engines(make_shop: Callable[..., Any], postgres_url: str) -> None:
    shop = make_shop(
        postgres_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 2, "connect_args": {"connect_timeout": 9}},
        SQLALCHEMY_ASYNC_ENGINE_OPTIONS={"pool_size": 7},
        MIGRATOR_LOCK_TIMEOUT=0.5,
        MIGRATOR_IMPLICIT_IO="raise",
        MIGRATOR_SYNC_ENGINE_GUARD="raise",
    )
    engines = shop.db.engines_for(shop.app)
    assert engines.sync.pool.size() == 2
    assert engines.async_.pool.size() == 7
    assert engines.implicit_loads.mode == "raise"
    assert engines.guard.mode == "raise"

    async def test() -> None:
        assert (await shop.db.session.execute(text("show lock_timeout"))).scalar() == "500ms"

    shop.run(test)


def test_a_relative_file_lies_in_the_instance_folder(
    make_shop: Callable[..., Any], tmp_path: Path
) -> None:
    for url, name in (
        ("sqlite:///shop.db", "shop.db"),
        ("sqlite:///file:uri.db?uri=true", "uri.db"),
        (f"sqlite:///{tmp_path}/absolute.db", "../absolute.db"),
    ):
        shop = make_shop(url)

        async def test(shop: Any = shop) -> None:
            assert await shop.db.session.scalar(select(shop.models.Customer.id)) is None

        shop.run(test)
        assert (tmp_path / "instance" / name).exists()


def test_in_memory_all_sessions_see_one_database(make_shop: Callable[..., Any]) -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        shop = make_shop(url)

        async def test(shop: Any = shop) -> None:
            shop.db.session.add(shop.models.Customer(name="a"))
            await shop.db.session.commit()
            async with shop.db.scope():
                assert await shop.db.session.scalar(select(shop.models.Customer.name)) == "a"

        shop.run(test)


def test_each_application_has_its_own_database(make_shop: Callable[..., Any]) -> None:
    first, second = make_shop("sqlite:///first.db"), make_shop("sqlite:///second.db")
    db = first.db
    second.attach(db)

    async def main() -> None:
        async with db.scope(first.app):
            await bridge(db.create_all)
            assert str(db.engine.url).endswith("first.db")
        async with db.scope():
            assert str(db.engine.url).endswith("second.db")
        assert db.engines_for(first.app) is not db.engines_for(second.app)
        await db.dispose(first.app)
        await db.dispose(second.app)

    asyncio.run(main())


def test_importing_it_loads_nothing_of_the_other_half() -> None:
    script = (
        "import sys, migrator.runtime.db\n"
        "print([m for m in ('flask', 'click', 'libcst', 'rich', 'a2wsgi', 'asyncpg', 'psycopg2')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
