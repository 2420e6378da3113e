"""Extension objects, made once at import and bound to an application in the factory."""

import sqlite3

from migrator.runtime.compat.login import LoginManager
from migrator.runtime.db import SQLAlchemy
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Engine

# Alembic needs names for constraints: SQLite can only drop what has one.
convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

db = SQLAlchemy(metadata=MetaData(naming_convention=convention))
migrate = None
login_manager = LoginManager()


@event.listens_for(Engine, "connect")
def enforce_sqlite_foreign_keys(dbapi_connection, connection_record):
    """SQLite checks foreign keys only when a connection asks for it."""
    if isinstance(dbapi_connection, sqlite3.Connection):
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
