"""Databases for every test: a fresh PostgreSQL database, a fresh SQLite file, or both in turn."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from migrator.embedded import create_database, drop_database, postgres
from tests import open_connections
from tests.mysql import mysql_database, mysql_urls

# The same examples in every run, however busy the machine is: a gate must not fail by chance.
# HYPOTHESIS_PROFILE=default searches.
settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# Garbage is looked for seldom: a test makes many objects that live as long as it does, and looking through
# them every 700 objects takes a sixth of the time.
gc.set_threshold(100_000, 10, 10)

_serial = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def _every_connection_is_closed() -> Iterator[None]:
    with open_connections.noted() as opened:
        yield
    left = opened.left()
    assert not left, f"dispose of the engines: connections are open that were opened in {left}"


def pytest_collection_finish() -> None:
    """What the tests have imported stays: no collection of garbage looks at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_admin_url() -> Iterator[str]:
    """A running PostgreSQL where databases may be made."""
    with postgres() as url:
        yield url
        # Connections that legacy applications left to the garbage collector end before their server.
        gc.collect()


@pytest.fixture
def postgres_url(postgres_admin_url: str) -> Iterator[str]:
    """A fresh, empty PostgreSQL database, gone after the test."""
    name = f"migrator_test_{os.getpid()}_{next(_serial)}"
    yield create_database(postgres_admin_url, name)
    drop_database(postgres_admin_url, name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'test.sqlite3'}"


@pytest.fixture
def mysql_url() -> Iterator[str]:
    """A fresh, empty MySQL or MariaDB database, gone after the test."""
    with mysql_database(next(iter(mysql_urls()))) as url:
        yield url


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for MySQL alone where there is none."""
    if not mysql_urls():
        asking = {item for item in items if "mysql_url" in getattr(item, "fixturenames", ())}
        config.hook.pytest_deselected(items=list(asking))
        items[:] = [item for item in items if item not in asking]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, once on SQLite and once on PostgreSQL."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def storefront_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The sample application's database with its rows, once on each system, for a whole worker.

    For tests that leave it as it was, as the shadow compare does.
    """
    from tests.storefront import seed

    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('storefront') / 'storefront.sqlite3'}"
        seed(url)
        yield url
        return
    admin_url: str = request.getfixturevalue("postgres_admin_url")
    name = f"storefront_{os.getpid()}"
    url = create_database(admin_url, name)
    seed(url)
    yield url
    drop_database(admin_url, name)


@pytest.fixture(scope="session", autouse=True)
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the command line keeps for its next run stays among the tests."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MIGRATOR_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()
