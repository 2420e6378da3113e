"""A MySQL or MariaDB server for the tests that want one: MIGRATOR_TEST_MYSQL_URL names it.

There is no wheel that carries one, so without the variable there are no such tests.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

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


__all__ = ["mysql_database", "mysql_urls"]
