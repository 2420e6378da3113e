"""What the databases of both extensions have: engines for each application, a session for each scope."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary, ref

from sqlalchemy import URL, Engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session, sessionmaker

from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.engines import Engines, SessionClass, create_engines
from migrator.runtime.db.errors import OutsideScope
from migrator.runtime.db.record_queries import record
from migrator.runtime.db.scope import Scope, SyncScope, current_scope
from migrator.runtime.db.session import SessionProxy, close_now
from migrator.runtime.db.urls import DatabaseUrls


class Database:
    """Engines and the session of one application; an extension says what its settings are."""

    def __init__(
        self, session_factory: sessionmaker[Session], engine_options: Mapping[str, Any] | None
    ) -> None:
        # Makes the sync Session on both sides; its class is this object's own, so that a listener
        # on `db.session` hears of no other database's sessions.
        self._session_factory = session_factory
        self.session = cast(AsyncSession, SessionProxy(self, session_factory))
        self._engine_options = dict(engine_options or {})
        self._engines: WeakKeyDictionary[Any, Engines] = WeakKeyDictionary()
        self._latest: ref[Any] | None = None

    def _keep(self, app: Any, engines: Engines) -> None:
        """They are the engines of `app` from here on, and its contexts end the session."""
        app.extensions["sqlalchemy"] = self
        if hasattr(app, "wsgi_app"):
            # Flask's, after the teardown functions that came later.
            app.teardown_appcontext(self._end_session)
        self._engines[app] = engines
        self._latest = ref(app)

    def _made(
        self,
        app: Any,
        url: str | URL,
        options: Mapping[str, Any],
        async_options: Mapping[str, Any],
        session_class: SessionClass,
    ) -> Engines:
        config = app.config
        urls = DatabaseUrls.parse(
            url,
            async_driver=config.get("MIGRATOR_ASYNC_DRIVER"),
            own_driver="creator" in options,
        )
        place = in_instance_folder(urls.sync, app).database
        engines = create_engines(
            replace(
                urls, sync=urls.sync.set(database=place), async_=urls.async_.set(database=place)
            ),
            sync_options=options,
            async_options=async_options,
            session_options=self._session_factory.kw,
            session_class=session_class,
            prepare=partial(record, application=ref(app)),
            sqlite_foreign_keys=config.get("MIGRATOR_SQLITE_FOREIGN_KEYS", False),
            lock_timeout=config.get("MIGRATOR_LOCK_TIMEOUT"),
            requests_at_once=config.get("MIGRATOR_REQUESTS_AT_ONCE"),
        )
        engines.implicit_loads.mode = config.get("MIGRATOR_IMPLICIT_IO", "warn")
        engines.guard.mode = config.get("MIGRATOR_SYNC_ENGINE_GUARD", "warn")
        return engines

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
        return self._engines[self._application(app)]

    def _application(self, app: Any = None) -> Any:
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
        return app

    @property
    def engine(self) -> Engine:
        """A sync engine for sync code.

        On the event loop that is the async engine's sync side, which works inside the bridge; in a
        script, a test or a thread without a loop, the engine over the sync driver.
        """
        return sync_side(self.engines_for())

    @property
    def async_engine(self) -> AsyncEngine:
        """The async engine, for `async with db.async_engine.connect()`."""
        return self.engines_for().async_

    async def dispose(self, app: Any = None, *, keep_memory: bool = False) -> None:
        """Close the pooled connections of `app`; for the end of its lifespan."""
        await self.engines_for(app).dispose(keep_memory=keep_memory)

    def scope(self, app: Any = None) -> Scope:
        """Open with `async with`: inside it `db.session` is one session, closed at the end.

        A request and a command have one already; a job opens its own.
        """
        found = self._application(app)
        scope = Scope(lambda: self.engines_for(found).async_sessionmaker(), owner=self)
        scope.app = app
        return scope

    def sync_scope(self, app: Any = None) -> SyncScope:
        """Open with `with`, where no event loop runs: `db.session` is a sync Session inside it."""
        found = self._application(app)
        # Not before the first use: the sync driver may not be installed.
        scope = SyncScope(lambda: self.engines_for(found).sync_sessionmaker(), owner=self)
        scope.app = app
        return scope


def sync_side(engines: Engines) -> Engine:
    """The engine that sync code has here, on the event loop or where none runs.

    Some servers make the application on a loop that runs already (uvicorn 0.46, say): its context's
    session is a sync one all the same.
    """
    waits = on_loop() and not isinstance(current_scope(), SyncScope)
    return engines.async_.sync_engine if waits else engines.sync


def in_instance_folder(url: URL, app: Any) -> URL:
    """A relative SQLite path is relative to the instance folder, as in both extensions."""
    folder = getattr(app, "instance_path", None)
    name = url.database
    if url.get_backend_name() != "sqlite" or folder is None or name in {None, "", ":memory:"}:
        return url
    assert name is not None
    is_uri = bool(url.query.get("uri"))
    path = name.removeprefix("file:") if is_uri else name
    if os.path.isabs(path) or path.startswith(":memory:"):
        return url
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, path)
    return url.set(database=f"file:{path}" if is_uri else path)


__all__ = ["Database", "in_instance_folder", "sync_side"]
