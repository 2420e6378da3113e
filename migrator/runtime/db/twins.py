"""The async twin of a sync engine: the same database by the async driver, with the same options.

`create_twin_engine` knows what the engine was made with. An engine that was made elsewhere has a twin
by its URL alone.
"""

from __future__ import annotations

from typing import Any, cast
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, Inspector, create_engine, inspect, inspection
from sqlalchemy.engine.base import OptionEngineMixin
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import StaticPool

from migrator.errors import DatabaseUrlError
from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.bridge import in_greenlet
from migrator.runtime.db.engines import Engines, create_engines
from migrator.runtime.db.leftovers import hold
from migrator.runtime.db.listeners import Listener, hand_on, listeners

_Twin = tuple[Engines, list[Listener]]
#: The attribute of an engine that holds its twin: nothing else keeps either of them.
_TWIN = "_migrator_twin"
#: The attribute of `engine.execution_options(...)`, which holds its twin's with the same options.
_OF_OPTIONS = "_migrator_options"
_with_twins: WeakSet[Engine] = WeakSet()


class _TwinEngine(Engine):
    """The sync engine, whose connections are its twin's where a greenlet on an event loop asks.

    So what is done with tables and texts, without a session, runs over the async driver unchanged.
    """

    def connect(self) -> Connection:
        twin = bind_at_hand(self)
        if twin is self:
            return super().connect()
        connection = cast(Connection, twin.connect())
        # The only one there is: what is in memory, or has been attached, goes with it.
        return hold(connection) if isinstance(twin.pool, StaticPool) else connection

    def dispose(self, close: bool = True) -> None:
        super().dispose(close)
        twin = _twin(self)
        # Its connections are the event loop's to close.
        if twin is not None and "async_" in twin[0].__dict__ and in_greenlet() and on_loop():
            twin[0].async_.sync_engine.dispose(close)


@inspection._inspects(_TwinEngine)
def _inspected(engine: _TwinEngine) -> Inspector:
    """`inspect(engine)` of the engine that connects here: the other's dialect may never have seen a server."""
    found = bind_at_hand(engine)
    if found is not engine:
        return inspect(cast(Engine, found))
    return Inspector._construct(Inspector._init_engine, engine)


class _OptionEngine(OptionEngineMixin, _TwinEngine):
    """What its `execution_options()` gives: another view of the same pool."""

    def update_execution_options(self, **options: Any) -> None:
        _TwinEngine.update_execution_options(self, **options)


_TwinEngine._option_cls = cast(Any, _OptionEngine)


def create_twin_engine(
    url: str | URL,
    *,
    requests_at_once: int | None = None,
    async_driver: str | None = None,
    **options: Any,
) -> Engine:
    """SQLAlchemy's `create_engine`, for an engine that has an async twin with the same options.

    `requests_at_once` and `async_driver` are those of `create_engines`. Where that can't read `url`
    there is no twin: `async_engine` raises DatabaseUrlError then.
    """
    options.pop("future", None)
    try:
        engines = create_engines(
            url,
            sync_options=options,
            async_options=options,
            requests_at_once=requests_at_once,
            async_driver=async_driver,
        )
    except DatabaseUrlError:
        return create_engine(url, **options)
    engine = engines.sync
    # It is made by SQLAlchemy, which takes no class for it.
    engine.__class__ = _TwinEngine
    _keep(engine, engines)
    return engine


def async_engine(engine: Engine | AsyncEngine) -> AsyncEngine:
    """The async engine for the database of a sync one, always the same for the same engine.

    It has the listeners that the sync engine has when it is first asked for. An AsyncEngine is given
    back as it is. Raises DatabaseUrlError for a URL that `create_engines` can't read.
    """
    if isinstance(engine, AsyncEngine):
        return engine
    if isinstance(engine, OptionEngineMixin):
        return _with_options(engine)
    if _twin(engine) is None:
        _keep(engine, create_engines(engine.url))
    engines, own = cast(_Twin, _twin(engine))
    if "async_" not in engines.__dict__ and engines.__dict__.get("sync") is not engine:
        hand_on(engine, own, engines.async_.sync_engine)
    return engines.async_


def _with_options(engine: OptionEngineMixin) -> AsyncEngine:
    """One for each: a session keeps its connections by their engines."""
    if _OF_OPTIONS not in engine.__dict__:
        twin = async_engine(engine._proxied)
        chosen = cast(Engine, engine).get_execution_options()
        engine.__dict__[_OF_OPTIONS] = twin.execution_options(**chosen)
    return cast(AsyncEngine, engine.__dict__[_OF_OPTIONS])


def has_twin(engine: Engine) -> bool:
    """Whether `create_twin_engine` made it, from a URL that `create_engines` can read."""
    return _twin(engine) is not None


def bind_at_hand(bind: Any) -> Any:
    """An engine or connection as code here uses it: in a greenlet on an event loop, an engine's twin."""
    if isinstance(bind, AsyncEngine):
        return bind.sync_engine
    if isinstance(bind, Connection) or bind is None or bind.dialect.is_async:
        return bind
    return async_engine(bind).sync_engine if in_greenlet() and on_loop() else bind


async def dispose_twins() -> None:
    """Close the pooled connections of every twin: those of the event loop that is ending."""
    for engines, _ in filter(None, map(_twin, list(_with_twins))):
        if "async_" in engines.__dict__:
            await engines.async_.dispose()


def _twin(engine: Engine) -> _Twin | None:
    return cast("_Twin | None", engine.__dict__.get(_TWIN))


def _keep(engine: Engine, engines: Engines) -> None:
    engine.__dict__[_TWIN] = engines, list(listeners(engine))
    _with_twins.add(engine)


__all__ = ["async_engine", "bind_at_hand", "create_twin_engine", "dispose_twins", "has_twin"]
