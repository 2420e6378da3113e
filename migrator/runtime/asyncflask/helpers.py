"""What takes the place of sqlalchemy-helpers' names, whose applications stay ones of Flask.

Engines have async twins, and sessions are for async and sync code; what asks the database by itself
is awaited in async code. Facts: `sqlalchemy_helpers/manager.py` and `flask_ext.py`, versions 1.0 and 2.0.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

# A dependency of applications that have it anyway.
from flask import abort, current_app
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.util.concurrency import greenlet_spawn
from sqlalchemy_helpers import flask_ext, manager

from migrator.runtime.db.bridge import unbridge
from migrator.runtime.db.mappers import configure
from migrator.runtime.db.own_sessions import (
    OwnSession,
    async_scoped_session,
    async_sessionmaker,
    is_sync_code,
)
from migrator.runtime.db.twins import create_twin_engine

T = TypeVar("T")

_OF_MODELS = ("get_by_pk", "get_one", "get_or_create", "update_or_create")


class Base(AsyncAttrs, DeclarativeBase):
    """Takes the place of theirs; its tables are apart from those of the legacy package."""

    metadata = MetaData(naming_convention=manager.Base.metadata.naming_convention)


def get_base(*args: Any, **kwargs: Any) -> type[DeclarativeBase]:
    """`Base`; of version 1, which makes a base, the one that it makes."""
    made = manager.get_base(*args, **kwargs)
    if made is manager.Base:
        return Base
    return type(made.__name__, (AsyncAttrs, made), {"__abstract__": True})


class DatabaseManager(manager.DatabaseManager):
    """Takes the place of theirs, with its arguments."""

    def __init__(self, uri: str, alembic_location: str, **options: Any) -> None:
        base = options["base_model"] = options.get("base_model") or Base
        super().__init__(uri, alembic_location, **options)
        self.Session = async_scoped_session(async_sessionmaker(autoflush=False, bind=self.engine))
        for name in _OF_MODELS:
            setattr(base, name, _OfModel(self.Session, getattr(manager, name)))

    def _make_engine(self, uri: str, engine_args: Any) -> Engine:
        engine = create_twin_engine(**{**(engine_args or {}), "url": uri})
        if engine.dialect.name == "sqlite":
            # Theirs looks for sqlite3's own connections.
            event.listen(engine, "connect", _with_foreign_keys)
        return engine


class DatabaseExtension(flask_ext.DatabaseExtension):
    """Takes the place of theirs, with its settings."""

    def init_app(self, app: Any, base_model: Any = None) -> None:
        """Theirs; without a base of the application's own the tables are those of `Base`."""
        super().init_app(app, base_model or self._base_model or Base)

    @property
    def manager(self) -> DatabaseManager:
        """The manager of the current application, made when it is first asked for."""
        kept, name = current_app.extensions, self._app_manager_name
        if name not in kept:
            kept[name] = DatabaseManager(
                current_app.config["SQLALCHEMY_DATABASE_URI"],
                current_app.config["DB_ALEMBIC_LOCATION"],
                base_model=kept[self._app_base_model_name],
            )
        found: DatabaseManager = kept[name]
        return found


class _OfModel:
    """`Order.get_one(number="a")`: a question about the class that it is read on."""

    def __init__(self, sessions: async_scoped_session, question: Callable[..., Any]) -> None:
        self._sessions = sessions
        self._question = question

    def __get__(self, instance: Any, owner: Any = None) -> Callable[..., Any]:
        def asked(*args: Any, **kwargs: Any) -> Any:
            given = {"session": self._sessions, "model": owner, **kwargs}
            return _ask(given.pop("session"), lambda s: self._question(*args, **given, session=s))

        return asked


def get_one(session: Any, model: Any, **attrs: Any) -> Any:
    """Theirs, to be awaited in async code."""
    return _ask(session, partial(manager.get_one, model=model, **attrs))


def get_by_pk(pk: Any, *, session: Any, model: Any) -> Any:
    """Theirs, to be awaited in async code."""
    return _ask(session, lambda s: manager.get_by_pk(pk, session=s, model=model))


def get_or_create(session: Any, model: Any, **attrs: Any) -> Any:
    """Theirs, to be awaited in async code."""
    return _ask(session, partial(manager.get_or_create, model=model, **attrs))


def update_or_create(session: Any, model: Any, **attrs: Any) -> Any:
    """Theirs, to be awaited in async code."""
    return _ask(session, partial(manager.update_or_create, model=model, **attrs))


def get_or_404(Model: Any, pk: Any, description: str | None = None) -> Any:
    """Theirs, to be awaited in async code."""
    found = Model.get_by_pk(pk)
    if is_sync_code():
        return _or_404(unbridge(found), description)
    return _found_or_404(found, description)


def first_or_404(query: Any, description: str | None = None, session: Any = None) -> Any:
    """Theirs, to be awaited in async code."""
    if not session:
        session = current_app.extensions[DatabaseExtension._app_manager_name].Session()
    return _ask(session, lambda s: _or_404(s.scalars(query).first(), description))


def _with_foreign_keys(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


async def _found_or_404(found: Any, description: str | None) -> Any:
    # A class may have a `get_by_pk()` of its own.
    return _or_404(await found if inspect.isawaitable(found) else found, description)


def _or_404(found: T | None, description: str | None) -> T:
    if found is None:
        abort(404, description=description)
    return found


def _ask(session: Any, question: Callable[[Any], T]) -> Awaitable[T] | T:
    if not isinstance(session, OwnSession | async_scoped_session):
        return question(session)
    if isinstance(session, async_scoped_session):
        session = session()
    if is_sync_code():
        return question(session.sync_session)
    configure()
    return greenlet_spawn(question, session.sync_session)


__all__ = [
    "Base",
    "DatabaseExtension",
    "DatabaseManager",
    "first_or_404",
    "get_base",
    "get_by_pk",
    "get_one",
    "get_or_404",
    "get_or_create",
    "update_or_create",
]
