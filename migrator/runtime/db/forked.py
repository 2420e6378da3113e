"""A process that was forked off has no part in the connections, loops and requests of its parent.

Two processes that ask over one connection read each other's rows. `gunicorn --preload` forks after the
application was made, which may have asked something; a view may start a `multiprocessing.Process`.
https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork
"""

from __future__ import annotations

import gc
import os
from typing import Any
from weakref import WeakSet

from greenlet import getcurrent
from sqlalchemy import Engine
from sqlalchemy.pool import Pool, StaticPool

from migrator.runtime.db import blocking, scope

_engines: WeakSet[Engine] = WeakSet()
# The parent's connections, which are neither used nor closed here.
_parents: list[Pool] = []


def connect_anew(engine: Engine) -> None:
    """In a process that is forked off, `engine` opens connections of its own."""
    _engines.add(engine)


def _begin() -> None:
    # What the parent has left to collect holds connections: SQLite frees one under a lock, and a thread that
    # is not here may have had that when the process was forked. https://docs.python.org/3/library/gc.html#gc.freeze
    gc.freeze()
    for engine in list(_engines):
        # A database in memory is its one connection, of which the child has a copy.
        if not isinstance(engine.pool, StaticPool):
            _parents.append(engine.pool)
            Engine.dispose(engine, close=False)
    blocking.forget()
    within = scope.current_scope() is not None
    scope.forget()
    if within:
        # As the application context, which the child has too, gives it a session there.
        scope.Job().open()
    # A greenlet of the parent's event loop would wait by letting that loop run: here, too.
    current: Any = getcurrent()
    if getattr(current, "__sqlalchemy_greenlet_provider__", False):
        current.__sqlalchemy_greenlet_provider__ = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin)

__all__ = ["connect_anew"]
