"""The async twin of a sync engine: the same database by the async driver."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from migrator.runtime.db.engines import create_engines

_twins: WeakKeyDictionary[Engine, AsyncEngine] = WeakKeyDictionary()


def async_engine(engine: Engine | AsyncEngine) -> AsyncEngine:
    """The async engine for the database of a sync one, always the same for the same engine.

    An AsyncEngine is given back as it is. Raises DatabaseUrlError for a database without a known
    async driver.
    """
    if isinstance(engine, AsyncEngine):
        return engine
    twin = _twins.get(engine)
    if twin is None:
        twin = _twins[engine] = create_engines(engine.url).async_
    return twin
