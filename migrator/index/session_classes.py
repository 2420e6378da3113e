"""Which classes are those of sessions, of SQLAlchemy's and extensions' own or below them."""

from __future__ import annotations

from migrator.index.definitions import ClassInfo
from migrator.index.project import Project

#: What has a session for each thread, and does what that one does.
REGISTRIES = frozenset(
    {
        "sqlalchemy.orm.scoped_session",
        "sqlalchemy.orm.scoping.scoped_session",
        "sqlalchemy.orm.scoping.ScopedSession",
    }
)
#: Flask-SQLAlchemy 2 had `SignallingSession`.
SESSIONS = frozenset(
    {
        "sqlalchemy.orm.Session",
        "sqlalchemy.orm.session.Session",
        "sqlalchemy.ext.horizontal_shard.ShardedSession",
        "flask_sqlalchemy.SignallingSession",
        "flask_sqlalchemy.session.Session",
        "sqlmodel.Session",
        "sqlmodel.orm.session.Session",
    }
)
SESSION_CLASSES = REGISTRIES | SESSIONS


def is_registry_class(project: Project, cls: ClassInfo) -> bool:
    """Whether a class of the repository is a registry of sessions, by all its bases."""
    return not REGISTRIES.isdisjoint(project.external_bases(cls))


def is_session_class(project: Project, cls: ClassInfo) -> bool:
    """Whether a class of the repository is one of sessions or of their registries."""
    return not SESSION_CLASSES.isdisjoint(project.external_bases(cls))
