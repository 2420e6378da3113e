"""`SQLAlchemy`: the `db` object of a converted application, in flask_sqlalchemy's place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm as sa_orm
from sqlalchemy import Engine, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from migrator.errors import DatabaseUrlError
from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.binds import INFO, Metadatas, routed, settings
from migrator.runtime.db.bridge import in_bridge
from migrator.runtime.db.database import Database, sync_side
from migrator.runtime.db.engines import Engines
from migrator.runtime.db.errors import OutsideBridge, OutsideScope
from migrator.runtime.db.lookups import Lookups
from migrator.runtime.db.model import Model, make_base
from migrator.runtime.db.query import Query
from migrator.runtime.db.scope import SyncScope, current_scope

#: A bind key, several, or "__all__".
Keys = str | None | list[str | None]


class SQLAlchemy(Database, Lookups):
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
        super().__init__(sa_orm.sessionmaker(**options), engine_options)
        self._add_models_to_shell = add_models_to_shell
        self.Model: Any = make_base(self, model_class, metadata, autonaming=not disable_autonaming)
        self.metadatas = Metadatas({None: self.Model.metadata})
        self.metadata.info[INFO] = None
        self.Table = _table_class(self.metadatas)
        if app is not None:
            self.init_app(app)

    @property
    def metadata(self) -> MetaData:
        """The MetaData of every model and table."""
        return self.metadatas[None]

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
        if self._add_models_to_shell and hasattr(app, "shell_context_processor"):
            app.shell_context_processor(self._models_by_name)
        self._keep(app, engines)

    def _open(self, app: Any, options: dict[str, Any], async_options: Mapping[str, Any]) -> Engines:
        options = dict(options)
        for name in ("echo", "echo_pool"):
            options.setdefault(name, app.config["SQLALCHEMY_ECHO"])
        url = options.pop("url")
        kind = routed(self._session_factory.class_)
        return self._made(app, url, options, {**options, **async_options}, kind)

    def _models_by_name(self) -> dict[str, Any]:
        mappers = self.Model._sa_registry.mappers
        return {**{mapper.class_.__name__: mapper.class_ for mapper in mappers}, "db": self}

    @property
    def engines(self) -> dict[str | None, Engine]:
        """Such an engine for each bind key; the main database's is None."""
        return {key: sync_side(engines) for key, engines in self.engines_for().each()}

    @property
    def async_engines(self) -> dict[str | None, AsyncEngine]:
        """The async engine for each bind key."""
        return {key: engines.async_ for key, engines in self.engines_for().each()}

    def get_engine(self, bind_key: str | None = None, **kwargs: Any) -> Engine:
        """`engines[bind_key]`; Flask-SQLAlchemy 2 calls the key `bind`."""
        return sync_side(self.engines_for().of(kwargs.get("bind", bind_key)))

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
            engine = sync_side(self.engines_for().of(key))
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


__all__ = ["SQLAlchemy"]
