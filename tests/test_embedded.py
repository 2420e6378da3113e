"""The embedded PostgreSQL: starts, is shared, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrator.embedded import create_database, drop_database, postgres
from migrator.errors import DatabaseUnreachable


def query(url: str, statement: str) -> object:
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg2"))
    try:
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def test_a_database_is_fresh_and_works(postgres_url: str) -> None:
    assert query(postgres_url, "select count(*) from pg_tables where schemaname = 'public'") == 0
    query(postgres_url, "create table t (n int)")
    assert query(postgres_url, "select count(*) from t") == 0


def test_a_database_can_be_the_copy_of_another(postgres_admin_url: str, postgres_url: str) -> None:
    query(postgres_url, "create table t as select 41 as n")
    template = str(sa.make_url(postgres_url).database)
    copy = create_database(postgres_admin_url, template + "_copy", template)
    try:
        query(copy, "update t set n = 42")
        assert query(postgres_url, "select n from t") == 41
    finally:
        drop_database(postgres_admin_url, template + "_copy")


def test_one_process_shares_one_server(postgres_admin_url: str) -> None:
    with postgres() as again:
        assert again == postgres_admin_url
    assert query(postgres_admin_url, "select 1") == 1


def test_a_refusal_is_one_clear_error(postgres_admin_url: str) -> None:
    with pytest.raises(DatabaseUnreachable, match="already exists"):
        create_database(postgres_admin_url, "postgres")


@pytest.mark.parametrize("end", ["pass", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_nothing_is_left_however_the_process_ends(end: str) -> None:
    script = textwrap.dedent(
        f"""
        import os, signal
        os.environ.pop("DATABASE_URL", None)
        from migrator.embedded import postgres
        with postgres() as url:
            print(url.partition("host=")[2], flush=True)
            {end}
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=False
    )
    home = Path(done.stdout.strip())
    assert home.name.startswith("migrator-pg-")
    # The watchdog outlives a killed process by a moment; it holds nothing open that we could wait on.
    subprocess.run(
        [
            "sh",
            "-c",
            f"i=0; while [ -e {home} ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done",
        ],
        check=True,
    )
    assert not home.exists()
