"""Flask's application context with the database's scope: one session a context.

So it is in Flask-SQLAlchemy, whose session is looked up by the id of the context. A context that is
pushed on an event loop has an AsyncSession; one that plain sync code pushes has a sync one.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

from flask.ctx import AppContext
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from migrator.runtime.db.bridge import bridge
from migrator.runtime.db.scope import Scope, SyncScope
from migrator.runtime.db.session import close_now


class _AppScope(Scope):
    """The database is looked up when it is used: `db.init_app` may come after the context."""

    plain_callers = True

    def __init__(self, app: Any) -> None:
        super().__init__(self._make)
        self.app = app

    @property
    def owner(self) -> Any:
        return self.app.extensions.get("sqlalchemy")

    def _make(self) -> AsyncSession:
        session: AsyncSession = self.owner.engines_for(self.app).async_sessionmaker()
        return session


class _AppSyncScope(SyncScope):
    """The same for sync code without an event loop."""

    def __init__(self, app: Any) -> None:
        super().__init__(self._make)
        self.app = app

    @property
    def owner(self) -> Any:
        return self.app.extensions.get("sqlalchemy")

    def _make(self) -> Session:
        session: Session = self.owner.engines_for(self.app).sync_sessionmaker()
        return session


class ScopedAppContext(AppContext):
    """Pushing it opens the scope, popping it closes the session, after the teardown functions."""

    _scope: _AppScope | _AppSyncScope | None = None

    def push(self) -> None:
        if self._scope is None:
            on_loop = asyncio._get_running_loop() is not None
            self._scope = _AppScope(self.app) if on_loop else _AppSyncScope(self.app)
        self._scope.enter()
        super().push()

    def pop(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().pop(*args, **kwargs)
        finally:
            scope = self._scope
            if scope is not None and scope.leave():
                self._scope = None
                close_now(scope)

    async def __aenter__(self) -> ScopedAppContext:
        self.push()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await bridge(self.pop, error)
