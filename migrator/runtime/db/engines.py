"""A sync and an async engine side by side, from one database setting.

The sync side serves the legacy application's threads, the async side the event loop. Both set the
same things on a connection, so that neither behaves differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from migrator.errors import DatabaseUnreachable, MissingExtra
from migrator.runtime.db import guard, options, postgresql, sqlite
from migrator.runtime.db.implicit import ImplicitLoads
from migrator.runtime.db.memory import MemoryDatabase, is_in_memory
from migrator.runtime.db.urls import DatabaseUrls


class Engines:
    """Both engines of one database, each made when it is first asked for.

    Use them on one event loop and in one process: after a fork, make new ones.
    """

    def __init__(
        self,
        urls: DatabaseUrls,
        *,
        sync_options: Mapping[str, Any] | None = None,
        async_options: Mapping[str, Any] | None = None,
        session_options: Mapping[str, Any] | None = None,
        prepare: Callable[[Engine], None] | None = None,
        sqlite_foreign_keys: bool = False,
        lock_timeout: float | None = None,
    ) -> None:
        self.urls = urls
        self.implicit_loads = ImplicitLoads()
        self.guard = guard.SyncEngineGuard()
        self._sync_options = dict(sync_options or {})
        self._async_options = dict(async_options or {})
        self._session_options = dict(session_options or {})
        self._prepare_also = prepare
        self._memory: MemoryDatabase | None = None
        if is_in_memory(urls.sync):
            self._memory = MemoryDatabase(self._sync_options.get("connect_args", {}))
        self._foreign_keys = sqlite_foreign_keys
        self._lock_timeout = lock_timeout

    @cached_property
    def sync(self) -> Engine:
        """The engine over psycopg2 or sqlite3. Raises MissingExtra without the driver."""
        chosen = self._sync_options
        if self._memory is not None:
            chosen = self._memory.sync_options(chosen)
        engine: Engine = _create(sa.create_engine, self.urls.sync, chosen)
        self._prepare(engine)
        self.guard.watch(engine)
        return engine

    @cached_property
    def async_(self) -> AsyncEngine:
        """The engine over asyncpg or aiosqlite. Raises MissingExtra without the driver."""
        chosen = options.for_async(self._async_options, self.urls)
        if self._memory is not None:
            chosen = self._memory.async_options(chosen)
        engine: AsyncEngine = _create(create_async_engine, self.urls.async_, chosen)
        if engine.dialect.name == "postgresql":
            postgresql.behave_like_psycopg2(engine.sync_engine)
        else:
            sqlite.behave_like_pysqlite(engine.sync_engine)
        self._prepare(engine.sync_engine)
        self.implicit_loads.watch(engine.sync_engine)
        return engine

    def _prepare(self, engine: Engine) -> None:
        if self._prepare_also is not None:
            self._prepare_also(engine)
        if engine.dialect.name == "sqlite":
            sqlite.prepare(engine, foreign_keys=self._foreign_keys, lock_timeout=self._lock_timeout)
        elif self._lock_timeout is not None:
            postgresql.set_lock_timeout(engine, self._lock_timeout)

    @cached_property
    def sync_sessionmaker(self) -> sessionmaker[Session]:
        """Makes sync sessions over `sync`."""
        chosen = dict(self._session_options)
        kind = chosen.pop("sync_session_class", Session)
        return sessionmaker(**{**chosen, "bind": self.sync}, class_=kind)

    @cached_property
    def async_sessionmaker(self) -> async_sessionmaker[AsyncSession]:
        """Makes async sessions over `async_`."""
        return async_sessionmaker(**{**self._session_options, "bind": self.async_})

    async def dispose(self) -> None:
        """Close every pooled connection of both sides. What is checked out stays usable."""
        if "async_" in self.__dict__:
            await self.async_.dispose()
        if "sync" in self.__dict__:
            self.sync.dispose()

    def __repr__(self) -> str:
        return f"<Engines {self.urls.async_.render_as_string(hide_password=True)}>"


def create_engines(
    url: str | URL | DatabaseUrls,
    *,
    sync_options: Mapping[str, Any] | None = None,
    async_options: Mapping[str, Any] | None = None,
    session_options: Mapping[str, Any] | None = None,
    prepare: Callable[[Engine], None] | None = None,
    sqlite_foreign_keys: bool = False,
    lock_timeout: float | None = None,
) -> Engines:
    """The engines of the database at `url`; nothing is connected yet.

    `sync_options` and `async_options` go to SQLAlchemy's create_engine and create_async_engine;
    what only psycopg2 understands is translated for asyncpg. `prepare` is given each sync engine
    and each async one's `sync_engine` when it is made. `lock_timeout` (seconds) turns waiting
    for ever on a row that the other side has locked into an error. Raises DatabaseUrlError.
    """
    return Engines(
        url if isinstance(url, DatabaseUrls) else DatabaseUrls.parse(url),
        sync_options=sync_options,
        async_options=async_options,
        session_options=session_options,
        prepare=prepare,
        sqlite_foreign_keys=sqlite_foreign_keys,
        lock_timeout=lock_timeout,
    )


def _create(create: Callable[..., Any], url: URL, chosen: Mapping[str, Any]) -> Any:
    try:
        return create(url, **chosen)
    except ModuleNotFoundError as error:
        extra = "postgres" if url.get_backend_name() == "postgresql" else "sqlite"
        raise MissingExtra(
            f"The database {url.render_as_string(hide_password=True)} was asked for.",
            f"The driver {error.name} is not installed.",
            f"Run: pip install 'migrator[{extra}]'.",
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
    if urls.sync.get_backend_name() == "postgresql" and "connect_timeout" not in urls.sync.query:
        arguments["connect_timeout"] = max(2, round(timeout))
    engine: Engine = _create(
        sa.create_engine, urls.sync, {"poolclass": NullPool, "connect_args": arguments}
    )
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
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
