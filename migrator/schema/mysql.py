"""MySQL and MariaDB for a comparison of schemas: two empty databases, gone at the end, and what is asked there."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from migrator.runtime.db import DatabaseUrls, check_reachable

#: As SQLAlchemy calls them.
DIALECTS = ("mysql", "mariadb")
#: What Alembic doesn't look at: a column's type in full (the values of an enum, collation, sign, ON UPDATE), of
#: an index its columns' lengths and its kind, and how a table is kept.
FACTS = """
    SELECT table_name, 'type', column_name,
           CONCAT_WS(' ', column_type, collation_name,
                     REPLACE(REPLACE(extra, 'DEFAULT_GENERATED', ''), 'auto_increment', ''))
    FROM information_schema.columns WHERE table_schema = DATABASE()
    UNION ALL
    SELECT table_name, 'index', index_name,
           GROUP_CONCAT(CONCAT(COALESCE(column_name, 'an expression'),
                               COALESCE(CONCAT('(', sub_part, ')'), ''), ' ', index_type)
                        ORDER BY seq_in_index SEPARATOR ', ')
    FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND index_name <> 'PRIMARY' GROUP BY table_name, index_name
    UNION ALL
    SELECT table_name, 'table', '', CONCAT_WS(' ', engine, table_collation)
    FROM information_schema.tables WHERE table_schema = DATABASE()
"""


def is_mysql(url: str) -> bool:
    """Whether a URL names such a server. Raises DatabaseUrlError for what is no URL."""
    return DatabaseUrls.parse(url).sync.get_backend_name() in DIALECTS


@contextlib.contextmanager
def two_databases(url: str) -> Iterator[tuple[str, str, str]]:
    """The URLs of two empty databases on the server of `url`, whose own is never read or written, and a title.

    Raises DatabaseUnreachable.
    """
    urls = DatabaseUrls.parse(url)
    check_reachable(urls)
    names = [f"migrator_check_{secrets.token_hex(4)}_{side}" for side in ("legacy", "target")]
    engine = sa.create_engine(urls.sync, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        version = connection.scalar(sa.text("SELECT VERSION()"))
        kind = "MariaDB" if "mariadb" in str(version).lower() else "MySQL"
        try:
            for name in names:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
            one, other = (
                urls.sync.set(database=name).render_as_string(hide_password=False) for name in names
            )
            yield one, other, f"{kind} {str(version).partition('-')[0]}, your server"
        finally:
            for name in names:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
