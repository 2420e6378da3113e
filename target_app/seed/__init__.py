"""Demo data: the same few thousand rows every time, awkward values included."""

from sqlalchemy import insert, text

from target_app.extensions import db
from target_app.seed import accounts, catalogue, sales, warehouses
from target_app.seed.rows import Rows
from migrator.runtime.db import bridge


async def seed(app, create_tables=True):
    """Fill the empty database of `app`; returns the number of rows in each table."""
    with app.app_context():
        if create_tables:
            await bridge(db.create_all)
        counts = await fill(db.session)
        await db.session.commit()
        return counts


async def fill(session):
    """Insert everything through one session; the caller commits."""
    rows = Rows()
    for area in (accounts, catalogue, sales, warehouses):
        area.build(rows)
    for table in db.metadata.sorted_tables:
        if rows[table.name]:
            await session.execute(insert(table), rows[table.name])
            await advance_sequence(session, table)
    return {table.name: len(rows[table.name]) for table in db.metadata.sorted_tables}


async def advance_sequence(session, table):
    """Rows with explicit ids leave PostgreSQL's sequences behind."""
    if session.get_bind().dialect.name != "postgresql" or table.autoincrement_column is None:
        return
    await session.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) "
            f"FROM {table.name}"
        )
    )
