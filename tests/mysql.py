"""A MySQL or MariaDB server for the tests that want one: MIGRATOR_TEST_MYSQL_URL names it.

There is no wheel that carries one, so without the variable there are no such tests. Where MariaDB is
installed, `python -m tests.mysql COMMAND...` starts a server of its own for a command.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

_serial = itertools.count()
VARIABLE = "MIGRATOR_TEST_MYSQL_URL"


def mysql_urls() -> dict[str, sa.URL]:
    """By their drivers, the URLs of the server where databases may be made."""
    given = os.environ.get(VARIABLE)
    if not given:
        return {}
    url = sa.make_url(given)
    return {driver: url.set(drivername=driver) for driver in ("mysql+pymysql", "mariadb+pymysql")}


@contextmanager
def mysql_database(driver: str) -> Iterator[str]:
    """A fresh, empty database of the server; `driver` is a key of `mysql_urls()`."""
    url = mysql_urls()[driver]
    name = f"migrator_test_{os.getpid()}_{next(_serial)}"
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")


def send(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Send statements, each committed; the rows of the last one."""
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    found: list[tuple[object, ...]] = []
    with engine.connect() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement)
            found = [tuple(row) for row in result] if result.returns_rows else []
    return found


@contextmanager
def mariadb() -> Iterator[str]:
    """The URL of a server that is started for the block."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    programs = [shutil.which(name, path=path) for name in ("mariadb-install-db", "mariadbd")]
    if None in programs:
        raise SystemExit("Install MariaDB's server first: there is no mariadbd.")
    with tempfile.TemporaryDirectory(prefix="migrator-my-", dir="/tmp") as folder:
        home = Path(folder)
        common = [f"--datadir={home / 'data'}", "--innodb-use-native-aio=0"]
        if os.geteuid() == 0:  # root may run it by name only
            common.append("--user=root")
        own = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        listens = [f"--socket={home / 'sock'}", "--skip-networking", f"--pid-file={home / 'pid'}"]
        with (home / "log").open("wb") as log:
            made = subprocess.run(
                [str(programs[0]), "--no-defaults", *own, *common], stdout=log, stderr=log
            )
            assert made.returncode == 0, (home / "log").read_text(errors="replace")
            process = subprocess.Popen(
                [str(programs[1]), "--no-defaults", *common, *listens], stdout=log, stderr=log
            )
        try:
            until = time.monotonic() + 60
            while not (home / "sock").exists():  # it is made when the server listens
                if process.poll() is not None or time.monotonic() > until:
                    raise AssertionError((home / "log").read_text(errors="replace"))
                time.sleep(0.1)
            yield f"mysql+pymysql://root@localhost/mysql?unix_socket={home / 'sock'}"
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    with mariadb() as server:
        done = subprocess.run(sys.argv[1:], env={**os.environ, VARIABLE: server})
    sys.exit(done.returncode)


__all__ = ["mariadb", "mysql_database", "mysql_urls", "send"]
