"""`SQLAlchemy`: the `db` object of a converted application, in flask_sqlalchemy's place."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary, ref

import sqlalchemy as sa
import sqlalchemy.orm as sa_orm
from sqlalchemy import Engine, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from migrator.errors import DatabaseUrlError
from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.binds import INFO, Metadatas, routed, settings
from migrator.runtime.db.bridge import in_bridge
from migrator.runtime.db.engines import Engines, create_engines
from migrator.runtime.db.errors import OutsideBridge, OutsideScope
from migrator.runtime.db.lookups import Lookups
from migrator.runtime.db.model import Model, make_base
from migrator.runtime.db.query import Query
from migrator.runtime.db.record_queries import record
from migrator.runtime.db.scope import Scope, SyncScope, current_scope
from migrator.runtime.db.session import SessionProxy, close_now
from migrator.runtime.db.urls import DatabaseUrls

#: A bind key, several, or "__all__".
Keys = str | None | list[str | None]


class SQLAlchemy(Lookups):
    """Models, engines and the session of one application.

    Drop-in for flask_sqlalchemy.SQLAlchemy: the same arguments, the same names. What does I/O is
    awaited, or runs inside the bridge.
    """

    def __init__(
        self,
        app: Any = None,
        *,
        metadata: MetaData | None = None,
        session_options: Mapping[str, Any] | None = None,
        query_class: type[Query[Any]] = Query,
        model_class: Any = Model,
        engine_options: Mapping[str, Any] | None = None,
        add_models_to_shell: bool = True,
        disable_autonaming: bool = False,
    ) -> None:
        self.Query = query_class
        options = {k: v for k, v in (session_options or {}).items() if k != "scopefunc"}
        options.setdefault("query_cls", query_class)
        # Makes the sync Session on both sides; its class is this object's own, so that a listener
        # on `db.session` hears of no other database's sessions.
        self._session_factory = sa_orm.sessionmaker(**options)
        self.session = cast(AsyncSession, SessionProxy(self, self._session_factory))
        self._engine_options = dict(engine_options or {})
        self._add_models_to_shell = add_models_to_shell
        self._engines: WeakKeyDictionary[Any, Engines] = WeakKeyDictionary()
        self._latest: ref[Any] | None = None
        self.Model: Any = make_base(self, model_class, metadata, autonaming=not disable_autonaming)
        self.metadata.info[INFO] = None
        self.metadatas = Metadatas({None: self.metadata})
        self.Table = _table_class(self.metadatas)
        if app is not None:
            self.init_app(app)

    @property
    def metadata(self) -> MetaData:
        """The MetaData of every model and table."""
        metadata: MetaData = self.Model.metadata
        return metadata

    @property  # type: ignore[misc]  # object's is writable
    def __class__(self) -> type:
        """Flask-SQLAlchemy's own class where that is loaded: its extensions ask for it."""
        original = sys.modules.get("flask_sqlalchemy")
        return type(self) if original is None else original.SQLAlchemy

    def __dir__(self) -> list[str]:
        return [*dir(type(self)), *self.__dict__]  # object's goes by __class__

    # --- the application ---------------------------------------------------------------------

    def init_app(self, app: Any) -> None:
        """Read the settings of `app` and make its engines; nothing is connected yet.

        Reads SQLALCHEMY_DATABASE_URI, _ENGINE_OPTIONS, _ECHO and _BINDS from `app.config`, and of
        our own SQLALCHEMY_ASYNC_ENGINE_OPTIONS, MIGRATOR_SQLITE_FOREIGN_KEYS, MIGRATOR_LOCK_TIMEOUT,
        MIGRATOR_REQUESTS_AT_ONCE, MIGRATOR_IMPLICIT_IO and MIGRATOR_SYNC_ENGINE_GUARD. Raises
        RuntimeError without a URL or when the application has a `db` already, DatabaseUrlError for a
        bad URL; one in _BINDS is an error where that database is used.
        """
        if "sqlalchemy" in app.extensions:
            raise RuntimeError(
                "This application has a SQLAlchemy object already. Import and use that one."
            )
        config = app.config
        url = config.setdefault("SQLALCHEMY_DATABASE_URI", None)
        binds = settings(config.setdefault("SQLALCHEMY_BINDS", {}), self._engine_options)
        options = {
            **binds.pop(None, {}),
            **self._engine_options,
            **config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {}),
        }
        config.setdefault("SQLALCHEMY_ECHO", False)
        if url is not None:
            options["url"] = url
        if "url" not in options:
            raise RuntimeError("'SQLALCHEMY_DATABASE_URI' must be set.")
        engines = self._open(app, options, config.get("SQLALCHEMY_ASYNC_ENGINE_OPTIONS", {}))
        for key, chosen in binds.items():
            assert key is not None
            self.metadatas.of(key)
            try:
                engines.binds[key] = self._open(app, chosen, {})
            except DatabaseUrlError as error:
                # All that doesn't use it can be served.
                engines.binds[key] = error
        app.extensions["sqlalchemy"] = self
        if self._add_models_to_shell and hasattr(app, "shell_context_processor"):
            app.shell_context_processor(self._models_by_name)
        if hasattr(app, "wsgi_app"):
            # Flask's contexts end the session, after the teardown functions that came later.
            app.teardown_appcontext(self._end_session)
        self._engines[app] = engines
        self._latest = ref(app)

    def _open(self, app: Any, options: dict[str, Any], async_options: Mapping[str, Any]) -> Engines:
        config = app.config
        options = dict(options)
        for name in ("echo", "echo_pool"):
            options.setdefault(name, config["SQLALCHEMY_ECHO"])
        engines = create_engines(
            _in_instance_folder(
                DatabaseUrls.parse(
                    options.pop("url"),
                    async_driver=config.get("MIGRATOR_ASYNC_DRIVER"),
                    own_driver="creator" in options,
                ),
                app,
            ),
            sync_options=options,
            async_options={**options, **async_options},
            session_options=self._session_factory.kw,
            session_class=routed(self._session_factory.class_),
            prepare=partial(record, application=ref(app)),
            sqlite_foreign_keys=config.get("MIGRATOR_SQLITE_FOREIGN_KEYS", False),
            lock_timeout=config.get("MIGRATOR_LOCK_TIMEOUT"),
            requests_at_once=config.get("MIGRATOR_REQUESTS_AT_ONCE"),
        )
        engines.implicit_loads.mode = config.get("MIGRATOR_IMPLICIT_IO", "warn")
        engines.guard.mode = config.get("MIGRATOR_SYNC_ENGINE_GUARD", "warn")
        return engines

    def _models_by_name(self) -> dict[str, Any]:
        mappers = self.Model._sa_registry.mappers
        return {**{mapper.class_.__name__: mapper.class_ for mapper in mappers}, "db": self}

    def _end_session(self, error: BaseException | None = None) -> None:
        if not isinstance(self.session, SessionProxy):
            self.session.remove()  # type: ignore[attr-defined]
            return
        scope = current_scope(self)
        if scope is not None:
            close_now(scope)

    def engines_for(self, app: Any = None) -> Engines:
        """Both engines of `app`; without one, of the current scope's, else of the last set up.

        Raises OutsideScope when no application was set up.
        """
        if app is None:
            scope = current_scope(self)
            app = getattr(scope, "app", None)
        if app is None and self._latest is not None:
            app = self._latest()
        if app is None or app not in self._engines:
            raise OutsideScope(
                "The database was used before db.init_app(app).",
                "The engines are made from the application's settings.",
                "Call db.init_app(app) in the factory.",
            )
        return self._engines[app]

    @property
    def engine(self) -> Engine:
        """A sync engine for sync code.

        On the event loop that is the async engine's sync side, which works inside the bridge; in a
        script, a test or a thread without a loop, the engine over the sync driver.
        """
        return _sync_side(self.engines_for())

    @property
    def engines(self) -> dict[str | None, Engine]:
        """Such an engine for each bind key; the main database's is None."""
        return {key: _sync_side(engines) for key, engines in self.engines_for().each()}

    @property
    def async_engine(self) -> AsyncEngine:
        """The async engine, for `async with db.async_engine.connect()`."""
        return self.engines_for().async_

    @property
    def async_engines(self) -> dict[str | None, AsyncEngine]:
        """The async engine for each bind key."""
        return {key: engines.async_ for key, engines in self.engines_for().each()}

    def get_engine(self, bind_key: str | None = None, **kwargs: Any) -> Engine:
        """`engines[bind_key]`; Flask-SQLAlchemy 2 calls the key `bind`."""
        return _sync_side(self.engines_for().of(kwargs.get("bind", bind_key)))

    async def dispose(self, app: Any = None, *, keep_memory: bool = False) -> None:
        """Close the pooled connections of `app`; for the end of its lifespan."""
        await self.engines_for(app).dispose(keep_memory=keep_memory)

    def scope(self, app: Any = None) -> Scope:
        """Open with `async with`: inside it `db.session` is one session, closed at the end.

        A request and a command have one already; a job opens its own.
        """
        scope = Scope(self.engines_for(app).async_sessionmaker, owner=self)
        scope.app = app
        return scope

    def sync_scope(self, app: Any = None) -> SyncScope:
        """Open with `with`, where no event loop runs: `db.session` is a sync Session inside it."""
        engines = self.engines_for(app)
        # Not before the first use: the sync driver may not be installed.
        scope = SyncScope(lambda: engines.sync_sessionmaker(), owner=self)
        scope.app = app
        return scope

    # --- tables ------------------------------------------------------------------------------

    def create_all(self, bind_key: Keys = "__all__") -> None:
        """Make the tables that don't exist, of one key, several or all.

        Sync code: `await bridge(db.create_all)`.
        """
        self._for_keys("create_all", bind_key)

    def drop_all(self, bind_key: Keys = "__all__") -> None:
        """Drop the tables of one key, several or all. Sync code: `await bridge(db.drop_all)`."""
        self._for_keys("drop_all", bind_key)

    def reflect(self, bind_key: Keys = "__all__") -> None:
        """Read the tables from the databases. Sync code: `await bridge(db.reflect)`."""
        self._for_keys("reflect", bind_key)

    def _for_keys(self, name: str, bind_key: Keys) -> None:
        if on_loop() and not in_bridge() and not isinstance(current_scope(self), SyncScope):
            raise OutsideBridge(
                f"db.{name}() was called in async code.",
                "It does its I/O in sync calls.",
                f"Write `await bridge(db.{name})`.",
            )
        for key in self.metadatas.chosen(bind_key):
            engine = _sync_side(self.engines_for().of(key))
            getattr(self.metadatas[key], name)(bind=engine)

    # --- SQLAlchemy's own names --------------------------------------------------------------

    def relationship(self, *args: Any, **kwargs: Any) -> Any:
        """`sqlalchemy.orm.relationship`; a dynamic one gives this object's Query class."""
        return sa_orm.relationship(*args, **self._with_query_class(kwargs))

    def dynamic_loader(self, argument: Any, **kwargs: Any) -> Any:
        """`sqlalchemy.orm.dynamic_loader` with this object's Query class."""
        return sa_orm.dynamic_loader(argument, **self._with_query_class(kwargs))

    def _with_query_class(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        kwargs.setdefault("query_class", self.Query)
        backref = kwargs.get("backref")
        if backref is not None:
            name, options = (backref, {}) if isinstance(backref, str) else backref
            options.setdefault("query_class", self.Query)
            kwargs["backref"] = (name, options)
        return kwargs

    def __getattr__(self, name: str) -> Any:
        if name == "event":
            return sa.event
        if not name.startswith("_"):
            for module in (sa, sa_orm):
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(name)

    def __repr__(self) -> str:
        try:
            return f"<SQLAlchemy {self.engines_for()!r}>"
        except OutsideScope:
            return "<SQLAlchemy>"


def _sync_side(engines: Engines) -> Engine:
    return engines.async_.sync_engine if on_loop() else engines.sync


def _table_class(metadatas: Metadatas) -> type[sa.Table]:
    class Table(sa.Table):
        """A Table that is part of `db.metadata`, or of its key's, when no other is named."""

        def __new__(cls, *args: Any, bind_key: str | None = None, **kwargs: Any) -> Any:
            if args and not (len(args) >= 2 and isinstance(args[1], MetaData)):
                args = (args[0], metadatas.of(bind_key), *args[1:])
            return super().__new__(cls, *args, **kwargs)

        def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
            if not (args and isinstance(args[0], MetaData)):
                args = (metadatas.of(kwargs.get("bind_key")), *args)
            kwargs.pop("bind_key", None)
            super().__init__(name, *args, **kwargs)

    return Table


def _in_instance_folder(urls: DatabaseUrls, app: Any) -> DatabaseUrls:
    """A relative SQLite path is relative to the instance folder, as in Flask-SQLAlchemy."""
    url = urls.sync
    folder = getattr(app, "instance_path", None)
    name = url.database
    if url.get_backend_name() != "sqlite" or folder is None or name in {None, "", ":memory:"}:
        return urls
    assert name is not None
    is_uri = bool(url.query.get("uri"))
    path = name.removeprefix("file:") if is_uri else name
    if os.path.isabs(path) or path.startswith(":memory:"):
        return urls
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, path)
    name = f"file:{path}" if is_uri else path
    return replace(urls, sync=url.set(database=name), async_=urls.async_.set(database=name))


__all__ = ["SQLAlchemy"]
