"""Flask's application context with the database's scope: one session a context.

So it is in Flask-SQLAlchemy, whose session is looked up by the id of the context.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from flask.ctx import AppContext

from migrator.runtime.db.app_scope import AppScope, AppSyncScope, can_await
from migrator.runtime.db.bridge import bridge
from migrator.runtime.db.session import close_now


class ScopedAppContext(AppContext):
    """Pushing it opens the scope, popping it closes the session, after the teardown functions."""

    _scope: AppScope | AppSyncScope | None = None

    def push(self) -> None:
        if self._scope is None:
            self._scope = AppScope(self.app) if can_await() else AppSyncScope(self.app)
            if self.app.config.get("SQLALCHEMY_RECORD_QUERIES"):
                # Where extensions find them, by Flask-SQLAlchemy's own get_recorded_queries.
                found = self.g.setdefault("_sqlalchemy_queries", self._scope.recorded)
                self._scope.recorded = found
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
