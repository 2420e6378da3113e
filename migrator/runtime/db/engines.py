"""A sync and an async engine side by side, from one database setting.

The sync side serves the legacy application's threads, the async side the event loop. Both set the
same things on a connection, so that neither behaves differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError, UnboundExecutionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from migrator.errors import DatabaseUnreachable, DatabaseUrlError, MissingExtra
from migrator.runtime.db import guard, options, postgresql, sqlite
from migrator.runtime.db.forked import connect_anew
from migrator.runtime.db.implicit import ImplicitLoads
from migrator.runtime.db.listeners import Listener, hand_on, listeners
from migrator.runtime.db.lock_timeouts import set_lock_timeout
from migrator.runtime.db.memory import MemoryDatabase, is_in_memory
from migrator.runtime.db.shared_session import SharedSession
from migrator.runtime.db.turns import TurnsPool
from migrator.runtime.db.urls import DatabaseUrls

_PACKAGES = {
    "asyncpg": "'migrator[postgres]'",
    "psycopg2": "'migrator[postgres]'",
    "aiosqlite": "'migrator[sqlite]'",
    "MySQLdb": "mysqlclient",
}

#: Makes the class of the sessions, given what finds the engine of a bind key.
SessionClass = Callable[[Callable[[str | None], Engine]], type[Session]]


class Engines:
    """Both engines of one database, each made when it is first asked for.

    The second gets the listeners that were put on the first one by then.
    Use the async one on one event loop. A process that is forked off has connections of its own.
    """

    def __init__(
        self,
        urls: DatabaseUrls,
        *,
        sync_options: Mapping[str, Any] | None = None,
        async_options: Mapping[str, Any] | None = None,
        session_options: Mapping[str, Any] | None = None,
        session_class: SessionClass | None = None,
        prepare: Callable[[Engine], None] | None = None,
        sqlite_foreign_keys: bool = False,
        lock_timeout: float | None = None,
        requests_at_once: int | None = None,
    ) -> None:
        self.urls = urls
        #: The engines of other databases by their bind keys; or why there are none.
        self.binds: dict[str, Engines | DatabaseUrlError] = {}
        self.implicit_loads = ImplicitLoads()
        self.guard = guard.SyncEngineGuard()
        self._sync_options = dict(sync_options or {})
        self._async_options = dict(async_options or {})
        self._session_options = dict(session_options or {})
        self._session_class = session_class
        self._prepare_also = prepare
        self._memory: MemoryDatabase | None = None
        if is_in_memory(urls.sync) and urls.async_.get_driver_name() == "aiosqlite":
            self._memory = MemoryDatabase(self._sync_options.get("connect_args", {}))
        self._foreign_keys = sqlite_foreign_keys
        self._lock_timeout = lock_timeout
        self._requests_at_once = requests_at_once
        self._own_listeners: dict[str, list[Listener]] = {}

    @cached_property
    def sync(self) -> Engine:
        """The engine over the sync driver. Raises MissingExtra without it."""
        chosen = self._sync_options
        if self._memory is not None:
            chosen = self._memory.sync_options(chosen)
        engine: Engine = _create(sa.create_engine, self.urls.sync, chosen)
        self._prepare(engine)
        self.guard.watch(engine)
        if self.urls.async_.get_driver_name() == "asyncpg":
            postgresql.forget_plans(engine, self._async_if_made)
        self._own_listeners["sync"] = list(listeners(engine))
        made = self.__dict__.get("async_")
        if made is not None:
            hand_on(made.sync_engine, self._own_listeners["async"], engine)
        return engine

    @cached_property
    def async_(self) -> AsyncEngine:
        """The engine over the async driver. Raises MissingExtra without it."""
        chosen = options.for_async(self._async_options, self.urls)
        if self._memory is not None:
            chosen = self._memory.async_options(chosen)
        engine: AsyncEngine = _create(create_async_engine, self.urls.async_, chosen)
        if isinstance(engine.sync_engine.pool, TurnsPool):
            engine.sync_engine.pool.at_once = self._requests_at_once
        if engine.dialect.driver == "asyncpg":
            postgresql.behave_like_psycopg2(engine.sync_engine)
        elif engine.dialect.driver == "aiosqlite":
            sqlite.behave_like_pysqlite(engine.sync_engine)
        self._prepare(engine.sync_engine)
        self.implicit_loads.watch(engine.sync_engine)
        self._own_listeners["async"] = list(listeners(engine.sync_engine))
        made = self.__dict__.get("sync")
        if made is not None:
            hand_on(made, self._own_listeners["sync"], engine.sync_engine)
        return engine

    def _async_if_made(self) -> Engine | None:
        made: AsyncEngine | None = self.__dict__.get("async_")
        return made.sync_engine if made is not None else None

    def _prepare(self, engine: Engine) -> None:
        connect_anew(engine)
        if self._prepare_also is not None:
            self._prepare_also(engine)
        if engine.dialect.name == "sqlite":
            sqlite.prepare(engine, foreign_keys=self._foreign_keys, lock_timeout=self._lock_timeout)
        elif self._lock_timeout is not None:
            set_lock_timeout(engine, self._lock_timeout)

    @cached_property
    def sync_sessionmaker(self) -> sessionmaker[Session]:
        """Makes sync sessions over `sync`."""
        kind = Session
        if self._session_class is not None:
            kind = self._session_class(lambda key: self.of(key).sync)
        return sessionmaker(**{**self._session_options, "bind": self.sync}, class_=kind)

    @cached_property
    def async_sessionmaker(self) -> async_sessionmaker[AsyncSession]:
        """Makes async sessions over `async_`."""
        chosen = {**self._session_options, "bind": self.async_}
        if self._session_class is not None:
            chosen["sync_session_class"] = self._session_class(
                lambda key: self.of(key).async_.sync_engine
            )
        return async_sessionmaker(**chosen, class_=SharedSession)

    def of(self, key: str | None) -> Engines:
        """The engines of a bind key; these for None.

        Raises UnboundExecutionError for a key that isn't in SQLALCHEMY_BINDS, DatabaseUrlError for
        one whose database has no known async driver.
        """
        if key is None:
            return self
        found = self.binds.get(key)
        if found is None:
            raise UnboundExecutionError(f"Bind key '{key}' is not in 'SQLALCHEMY_BINDS' config.")
        if isinstance(found, DatabaseUrlError):
            raise found
        return found

    def each(self) -> Iterator[tuple[str | None, Engines]]:
        """These engines and those of the other databases that can be used, by their keys."""
        yield None, self
        for key, engines in self.binds.items():
            if isinstance(engines, Engines):
                yield key, engines

    async def dispose(self, *, keep_memory: bool = False) -> None:
        """Close every pooled connection of both sides. What is checked out stays usable.

        `keep_memory`: but for databases in memory, which end with their connection.
        """
        for _, engines in self.each():
            if keep_memory and engines._memory is not None:
                continue
            if "async_" in engines.__dict__:
                await engines.async_.dispose()
            if "sync" in engines.__dict__:
                engines.sync.dispose()

    def __repr__(self) -> str:
        return f"<Engines {self.urls.async_.render_as_string(hide_password=True)}>"


def create_engines(
    url: str | URL | DatabaseUrls,
    *,
    sync_options: Mapping[str, Any] | None = None,
    async_options: Mapping[str, Any] | None = None,
    session_options: Mapping[str, Any] | None = None,
    session_class: SessionClass | None = None,
    prepare: Callable[[Engine], None] | None = None,
    sqlite_foreign_keys: bool = False,
    lock_timeout: float | None = None,
    requests_at_once: int | None = None,
    async_driver: str | None = None,
) -> Engines:
    """The engines of the database at `url`; nothing is connected yet.

    `async_driver` is that of `DatabaseUrls.parse`, for a `url` that isn't parsed. `sync_options` and `async_options` go to SQLAlchemy's create_engine and create_async_engine;
    what only psycopg2 understands is translated for asyncpg. `prepare` is given each sync engine
    and each async one's `sync_engine` when it is made. `lock_timeout` (seconds) turns waiting
    for ever on a row that the other side has locked into an error. No more than `requests_at_once`
    hold connections of the async engine at a time; without it, its pool says how many. Raises
    DatabaseUrlError.
    """
    if not isinstance(url, DatabaseUrls):
        url = DatabaseUrls.parse(
            url, async_driver=async_driver, own_driver="creator" in (sync_options or {})
        )
    return Engines(
        url,
        sync_options=sync_options,
        async_options=async_options,
        session_options=session_options,
        session_class=session_class,
        prepare=prepare,
        sqlite_foreign_keys=sqlite_foreign_keys,
        lock_timeout=lock_timeout,
        requests_at_once=requests_at_once,
    )


def _create(create: Callable[..., Any], url: URL, chosen: Mapping[str, Any]) -> Any:
    try:
        return create(url, **chosen)
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"The database {url.render_as_string(hide_password=True)} was asked for.",
            f"The driver {error.name} is not installed.",
            f"Run: pip install {_PACKAGES.get(error.name or '', 'the package that has it')}.",
        ) from None


class lifespan:
    """An application's lifespan: `FastAPI(lifespan=lifespan(engines))`, or `async with` by itself.

    `engines` may be a function that creates them, so that nothing is made at import. They are found
    as `app.state.engines` meanwhile and disposed of at the end.
    """

    def __init__(self, engines: Engines | Callable[[], Engines]) -> None:
        self._given = engines
        self._app: Any = None
        self._engines: Engines | None = None

    def __call__(self, app: Any) -> lifespan:
        opened = lifespan(self._given)
        opened._app = app
        return opened

    async def __aenter__(self) -> None:
        given = self._given
        self._engines = given if isinstance(given, Engines) else given()
        if self._app is not None:
            self._app.state.engines = self._engines

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._engines is not None:
            await self._engines.dispose()


def check_reachable(url: str | URL | DatabaseUrls, *, timeout: float = 5.0) -> None:
    """Connect once with the sync driver and ask for 1.

    Raises DatabaseUrlError, MissingExtra, or DatabaseUnreachable with the server's own words; none
    of them shows the password.
    """
    urls = url if isinstance(url, DatabaseUrls) else DatabaseUrls.parse(url)
    arguments: dict[str, Any] = {}
    if (
        urls.sync.get_driver_name() in {"psycopg2", "psycopg"}
        and "connect_timeout" not in urls.sync.query
    ):
        arguments["connect_timeout"] = max(2, round(timeout))
    engine: Engine = _create(
        sa.create_engine, urls.sync, {"poolclass": NullPool, "connect_args": arguments}
    )
    try:
        with engine.connect() as connection:
            connection.execute(sa.select(1))
    except SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        password = urls.sync.password
        if password:
            said = said.replace(password, "***")
        raise DatabaseUnreachable(
            f"The database {urls.sync.render_as_string(hide_password=True)} can't be used.",
            f"It said: {said}.",
            "Check that the server runs there and that the name, user and password are right.",
        ) from None
    finally:
        engine.dispose()


__all__ = ["Engines", "check_reachable", "create_engines", "lifespan"]
