"""Two fresh databases of one kind, for the two stacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from itsdangerous.timed import TimestampSigner

from migrator.embedded import create_database, drop_database


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Flask's database and AsyncFlask's, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'flask.sqlite3'}", f"sqlite:///{tmp_path / 'async.sqlite3'}"
        return
    admin = request.getfixturevalue("postgres_admin_url")
    names = [f"asyncflask_{os.getpid()}_{side}" for side in ("flask", "async")]
    first, second = (create_database(admin, name) for name in names)
    yield first, second
    for name in names:
        drop_database(admin, name)


@pytest.fixture
def sqlite_urls(tmp_path: Path) -> tuple[str, str]:
    """The same on SQLite alone."""
    return f"sqlite:///{tmp_path / 'flask.sqlite3'}", f"sqlite:///{tmp_path / 'async.sqlite3'}"


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cookies that are signed a second apart are the same."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: 1_700_000_000)
