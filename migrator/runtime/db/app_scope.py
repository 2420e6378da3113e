"""The database's scope of one application context: Flask-SQLAlchemy has one session a context.

A context that is pushed on an event loop has an AsyncSession; one that plain sync code pushes where
nothing can be awaited (a script, a thread, the import of a module) has a sync one.
"""

from __future__ import annotations

import asyncio
from typing import Any

from migrator.runtime.db.alone import OwnLoop
from migrator.runtime.db.bridge import called_plainly, in_greenlet
from migrator.runtime.db.engines import Engines
from migrator.runtime.db.scope import Scope, Span, SyncScope


class _OfApp(Span):
    """The database is looked up when it is used: `db.init_app` may come after the context."""

    @property
    def owner(self) -> Any:
        return self.app.extensions.get("sqlalchemy")

    @property
    def engines(self) -> Engines:
        engines: Engines = self.owner.engines_for(self.app)
        return engines


class AppScope(_OfApp, Scope):
    """A context's scope where the async driver can be waited for."""

    plain_callers = True

    def __init__(self, app: Any) -> None:
        super().__init__(lambda: self.engines.async_sessionmaker())
        self.app = app


class AppSyncScope(_OfApp, SyncScope):
    """The same where nothing can be awaited."""

    def __init__(self, app: Any) -> None:
        super().__init__(lambda: self.engines.sync_sessionmaker())
        self.app = app


def can_await() -> bool:
    """Whether the code that asks can wait for the async driver: by `await`, or in the bridge.

    Plain code may run on a loop and can't, as when a server imports the application's module. What
    runs alone, in a thread say, has the sync driver (see `alone`).
    """
    loop = asyncio._get_running_loop()
    if loop is None or isinstance(loop, OwnLoop):
        return False
    return in_greenlet() or not called_plainly()
