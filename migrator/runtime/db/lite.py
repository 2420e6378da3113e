"""`SQLAlchemy` in the place of flask_sqlalchemy_lite's: engines and sessions, and no models.

An application's models are plain declarative classes. Facts: `flask_sqlalchemy_lite/_extension.py`
and `_make.py`, version 0.2.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Mapping
from typing import Any, NoReturn, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import URL, Engine
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_engine_from_config,
    async_sessionmaker,
)
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.mapper import _all_registries
from sqlalchemy.pool import StaticPool
from werkzeug.exceptions import abort

from migrator.runtime.db.bound import SyncSessions, bound
from migrator.runtime.db.database import Database, in_instance_folder, sync_side
from migrator.runtime.db.engines import Engines
from migrator.runtime.db.errors import Unsupported
from migrator.runtime.db.lookups import ask
from migrator.runtime.db.memory import is_in_memory
from migrator.runtime.db.scope import Named, Scope, current_scope
from migrator.runtime.db.session import SessionProxy

_DEFAULT = "default"
_MYSQL_RECYCLE = 7200


class SQLAlchemy(Database):
    """Engines and sessions of one application.

    Drop-in for flask_sqlalchemy_lite.SQLAlchemy: the same arguments, the same names. What does I/O
    is awaited, or runs inside the bridge. Engines that are asynchronous already stay what they are.
    """

    def __init__(
        self,
        app: Any = None,
        *,
        require_default_engine: bool = True,
        engine_options: Mapping[str, Any] | None = None,
        session_options: Mapping[str, Any] | None = None,
    ) -> None:
        self._session_options = dict(session_options or {})
        self._bound: Mapping[Any, Any] = self._session_options.pop("binds", None) or {}
        factory = sessionmaker(**self._session_options)
        super().__init__(factory, engine_options)
        self.session = cast(AsyncSession, _Proxy(self, factory))
        self._sessions: dict[str, AsyncSession] = {_DEFAULT: self.session}
        self._required = require_default_engine
        self._by_name: WeakKeyDictionary[Any, dict[str, Engines]] = WeakKeyDictionary()
        self._async_by_name: WeakKeyDictionary[Any, dict[str, AsyncEngine]] = WeakKeyDictionary()
        self._async_makers: WeakKeyDictionary[Any, async_sessionmaker[AsyncSession]] = (
            WeakKeyDictionary()
        )
        if app is not None:
            self.init_app(app)

    @property  # type: ignore[misc]  # object's is writable
    def __class__(self) -> type:
        """The extension's own class where that is loaded: others may ask for it."""
        original = sys.modules.get("flask_sqlalchemy_lite")
        return type(self) if original is None else original.SQLAlchemy

    def init_app(self, app: Any) -> None:
        """Read the settings of `app` and make its engines; nothing is connected yet.

        Reads SQLALCHEMY_ENGINES and SQLALCHEMY_ASYNC_ENGINES from `app.config`, and of our own
        MIGRATOR_SQLITE_FOREIGN_KEYS, MIGRATOR_LOCK_TIMEOUT, MIGRATOR_REQUESTS_AT_ONCE,
        MIGRATOR_IMPLICIT_IO and MIGRATOR_SYNC_ENGINE_GUARD. Raises RuntimeError without an engine
        or when the application has a `db` already, DatabaseUrlError for a bad URL.
        """
        if "sqlalchemy" in app.extensions:
            raise RuntimeError(
                "This application has a SQLAlchemy object already. Import and use that one."
            )
        sync, asynchronous = (
            {
                name: _settings(app, f'{key}["{name}"]', self._engine_options, value)
                for name, value in (app.config.get(key) or {}).items()
            }
            for key in ("SQLALCHEMY_ENGINES", "SQLALCHEMY_ASYNC_ENGINES")
        )
        if self._required and not (sync or asynchronous):
            raise RuntimeError(
                "'SQLALCHEMY_ENGINES[\"default\"]' or 'SQLALCHEMY_ASYNC_ENGINES[\"default\"]' must be set."
            )
        for name in self._bound.values():
            _check_bind(name, sync)
        self._by_name[app] = self._open(app, sync)
        self._async_by_name[app] = {
            name: async_engine_from_config(_as_they_are(options), prefix="")
            for name, options in asynchronous.items()
        }
        self._async_makers[app] = self._async_maker(self._async_by_name[app])
        if hasattr(app, "shell_context_processor"):
            app.shell_context_processor(self._names_of_shells)
        # None of an application whose engines are all asynchronous.
        self._keep(app, cast(Engines, next(iter(self._by_name[app].values()), None)))

    def _open(self, app: Any, settings: Mapping[str, dict[str, Any]]) -> dict[str, Engines]:
        """The engines by their names, the default one first; each finds the others."""
        order = sorted(settings, key=lambda name: name != _DEFAULT)
        names = {what: None if name == order[0] else name for what, name in self._bound.items()}
        kind = bound(self._session_factory.class_, names, default=_DEFAULT in settings)
        opened: dict[str, Engines] = {}
        for name in order:
            options = settings[name]
            url = options.pop("url")
            opened[name] = self._made(app, url, options, options, kind)
        for engines in opened.values():
            engines.binds.update({n: e for n, e in opened.items() if e is not engines})
        return opened

    def _async_maker(self, engines: Mapping[str, AsyncEngine]) -> async_sessionmaker[AsyncSession]:
        options = dict(self._session_options)
        if _DEFAULT in engines:
            options["bind"] = engines[_DEFAULT]
        if self._bound:
            options["binds"] = {
                what: engines[name] for what, name in self._bound.items() if name in engines
            }
        return async_sessionmaker(**options)

    def _names_of_shells(self) -> dict[str, Any]:
        mappers = (mapper for registry in _all_registries() for mapper in registry.mappers)
        return {**{m.class_.__name__: m.class_ for m in mappers}, "db": self, "sa": sa}

    # --- what the application has -------------------------------------------------------------

    @property
    def engines(self) -> dict[str, Engine]:
        """An engine for sync code, by its name (see `engine`)."""
        return {
            name: sync_side(found) for name, found in self._by_name[self._application()].items()
        }

    def get_engine(self, name: str = _DEFAULT) -> Engine:
        """`engines[name]`. Raises KeyError for a name that isn't in SQLALCHEMY_ENGINES."""
        try:
            return sync_side(self._by_name[self._application()][name])
        except KeyError as error:
            raise KeyError(f"'SQLALCHEMY_ENGINES[\"{name}\"]' was not defined.") from error

    @property
    def engine(self) -> Engine:
        """The default engine for sync code; on the event loop the async one's sync side."""
        return self.get_engine()

    @property
    def sessionmaker(self) -> Any:
        """Makes sync sessions, for sync code: nobody but the caller closes them."""
        return SyncSessions(self.engines_for())

    def get_session(self, name: str = _DEFAULT) -> AsyncSession:
        """One more session of the scope, the same for the same name; closed at its end."""
        if name not in self._sessions:
            proxy = _Proxy(Named(self, name), self._session_factory)
            self._sessions[name] = cast(AsyncSession, proxy)
        return self._sessions[name]

    # --- what was asynchronous already --------------------------------------------------------

    @property
    def async_engines(self) -> dict[str, AsyncEngine]:
        """The engines of SQLALCHEMY_ASYNC_ENGINES."""
        return self._async_by_name[self._application()]

    def get_async_engine(self, name: str = _DEFAULT) -> AsyncEngine:
        """`async_engines[name]`. Raises KeyError for a name that isn't in SQLALCHEMY_ASYNC_ENGINES."""
        try:
            return self.async_engines[name]
        except KeyError as error:
            raise KeyError(f"'SQLALCHEMY_ASYNC_ENGINES[\"{name}\"]' was not defined.") from error

    @property
    def async_engine(self) -> AsyncEngine:
        """The default engine of SQLALCHEMY_ASYNC_ENGINES."""
        return self.get_async_engine()

    @property
    def async_sessionmaker(self) -> async_sessionmaker[AsyncSession]:
        """Makes sessions over those: nobody but the caller closes them."""
        return self._async_makers[self._application()]

    def get_async_session(self, name: str = _DEFAULT) -> AsyncSession:
        """The scope's session of that name over those, closed at its end: another than `session`.

        Raises Unsupported where no event loop runs the scope.
        """
        owner = Named(self, f"async {name}", self.async_sessionmaker)
        scope = current_scope(owner)
        if isinstance(scope, Scope):
            return scope.session
        raise Unsupported(
            "db.async_session was used where no event loop runs the application's context.",
            "Nothing can close it there.",
            "Write `async with db.async_sessionmaker() as session`.",
        )

    @property
    def async_session(self) -> AsyncSession:
        """The default one of them."""
        return self.get_async_session()

    # --- queries that end in an error ---------------------------------------------------------

    def get_or_abort(
        self,
        entity: Any,
        ident: Any,
        *,
        options: Any = None,
        get_kwargs: Mapping[str, Any] | None = None,
        session: Any = None,
        code: int = 404,
        abort_kwargs: Mapping[str, Any] | None = None,
    ) -> Awaitable[Any]:
        """The row with this primary key, else an HTTP error. To be awaited in async code."""

        def get(asked: Session) -> Any:
            found = asked.get(entity, ident, options=options, **(get_kwargs or {}))
            return found if found is not None else _abort(code, abort_kwargs)

        return ask(self.session if session is None else session, get)

    def one_or_abort(
        self,
        select: Any,
        *,
        scalar: bool = True,
        execute_kwargs: Mapping[str, Any] | None = None,
        session: Any = None,
        code: int = 404,
        abort_kwargs: Mapping[str, Any] | None = None,
    ) -> Awaitable[Any]:
        """The one row of a statement, else an HTTP error. To be awaited in async code."""

        def one(asked: Session) -> Any:
            result = asked.execute(select, **(execute_kwargs or {}))
            try:
                return result.scalar_one() if scalar else result.one()
            except (NoResultFound, MultipleResultsFound):
                _abort(code, abort_kwargs)

        return ask(self.session if session is None else session, one)

    async def async_get_or_abort(self, *args: Any, session: Any = None, **options: Any) -> Any:
        """`get_or_abort` over `async_session`."""
        session = self.async_session if session is None else session
        return await self.get_or_abort(*args, session=session, **options)

    async def async_one_or_abort(self, *args: Any, session: Any = None, **options: Any) -> Any:
        """`one_or_abort` over `async_session`."""
        session = self.async_session if session is None else session
        return await self.one_or_abort(*args, session=session, **options)

    def test_isolation(self) -> NoReturn:
        """Raises Unsupported: its one connection would have to be of both drivers."""
        raise Unsupported(
            "db.test_isolation() was asked for.",
            "Requests run over the async driver, and the test over the sync one: they share no transaction.",
            "Empty the tables between tests, or make a database for each.",
        )

    async_test_isolation = test_isolation

    # --- its life -----------------------------------------------------------------------------

    def engines_for(self, app: Any = None) -> Engines:
        """As Database has it. Raises RuntimeError for an application without a sync engine."""
        found = cast("Engines | None", self._engines[self._application(app)])
        if found is None:
            raise RuntimeError("'SQLALCHEMY_ENGINES' must be set.")
        return found

    async def dispose(self, app: Any = None, *, keep_memory: bool = False) -> None:
        """Close the pooled connections of `app`; for the end of its lifespan."""
        app = self._application(app)
        if self._by_name[app]:
            await self.engines_for(app).dispose(keep_memory=keep_memory)
        for engine in self._async_by_name[app].values():
            if not (keep_memory and is_in_memory(engine.url)):
                await engine.dispose()


class _Proxy(SessionProxy):
    """The extension's is a Session itself, and no registry."""

    @property  # type: ignore[misc]  # object's is writable
    def __class__(self) -> type[Session]:  # type: ignore[override]  # the point of it
        return Session


def _abort(code: int, options: Mapping[str, Any] | None) -> NoReturn:
    abort(code, **(options or {}))


def _check_bind(name: Any, engines: Mapping[str, Any]) -> None:
    if not isinstance(name, str):
        raise Unsupported(
            "session_options['binds'] holds an engine.",
            "It has no async driver.",
            "Put its URL into SQLALCHEMY_ENGINES, and its name there into 'binds'.",
        )
    if name not in engines:
        raise RuntimeError(
            f"'SQLALCHEMY_ENGINES[\"{name}\"]' is not defined, but is used in"
            " 'session_options[\"binds\"]'."
        )


def _settings(app: Any, place: str, base: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """The arguments of `create_engine`, `url` among them, for one of the settings."""
    if isinstance(given, str | URL):
        given = {"url": given}
    elif "url" not in given:
        raise RuntimeError(f"'{place}[\"url\"]' must be defined.")
    options = {**base, **given}
    url = options["url"]
    url = URL.create(**url) if isinstance(url, dict) else sa.make_url(url)
    if url.get_backend_name() == "mysql":
        if issubclass(options.get("poolclass", sa.QueuePool), sa.QueuePool):
            options.setdefault("pool_recycle", _MYSQL_RECYCLE)
        if "charset" not in url.query:
            url = url.update_query_dict({"charset": "utf8mb4"})
    if any(isinstance(value, str) for name, value in options.items() if name != "url"):
        # As `engine_from_config` has it: "5" is a number where one is wanted.
        options["_coerce_config"] = True
    return {**options, "url": in_instance_folder(url, app)}


def _as_they_are(options: dict[str, Any]) -> dict[str, Any]:
    """With one connection for all where the database is in memory."""
    alone = {"poolclass": StaticPool} if is_in_memory(options["url"]) else {}
    return {**{k: v for k, v in options.items() if k != "_coerce_config"}, **alone}


__all__ = ["SQLAlchemy"]
