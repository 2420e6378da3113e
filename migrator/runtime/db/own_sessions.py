"""Sessions that an application makes itself, without an extension: awaited in async code.

Converted code takes `async_sessionmaker` and `async_scoped_session` from here. Their sessions are
AsyncSessions that sync code may use as well: what the bridge runs, what runs where there is no event
loop (a command, a script, a thread), and a plain function that async code calls. There `commit()` is
the sync Session's, `query()` exists, and `with` closes it. It is one session and one transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary, WeakSet, ref

from sqlalchemy.ext import asyncio as sa
from sqlalchemy.orm import Query, Session, scoped_session, sessionmaker
from sqlalchemy.util import ThreadLocalRegistry
from sqlalchemy.util.concurrency import greenlet_spawn

from migrator.runtime.db.alone import is_alone, on_loop
from migrator.runtime.db.bridge import called_plainly, in_bridge
from migrator.runtime.db.errors import OutsideBridge
from migrator.runtime.db.leftovers import close_in_loop
from migrator.runtime.db.mappers import configure, configure_if_complete
from migrator.runtime.db.query_property import query_property
from migrator.runtime.db.shared_session import SharedSession
from migrator.runtime.db.sync_driver import connection_of
from migrator.runtime.db.twins import bind_at_hand

#: What an AsyncSession has to be awaited for, or gives an async form of.
_WAITING = frozenset(
    {
        "begin", "begin_nested", "close", "commit", "connection", "delete", "delete_all", "execute",
        "flush", "get", "get_one", "invalidate", "merge", "merge_all", "refresh", "reset", "rollback",
        "scalar", "scalars",
    }
)  # fmt: skip


def is_sync_code() -> bool:
    """Whether what asks is sync code: it gets results, and async code gets what it awaits."""
    if asyncio._get_running_loop() is None:
        return True
    return in_bridge() or called_plainly()


def _at_hand(kind: type[Session]) -> type[Session]:
    """The class, of sessions whose engines are the twins where the event loop runs them."""
    known = _classes.get(kind)
    if known is None:

        class OfBoth(kind):  # type: ignore[valid-type,misc]  # a class that is given
            def get_bind(self, *args: Any, **options: Any) -> Any:
                return bind_at_hand(super().get_bind(*args, **options))

        OfBoth.__name__ = OfBoth.__qualname__ = kind.__name__
        known = _classes[kind] = OfBoth
    return known


_classes: dict[type[Session], type[Session]] = {}


class OwnSession(SharedSession):
    """An AsyncSession for async code, and its sync Session for sync code.

    The arguments are those of a Session: engines are sync ones that have a twin.
    """

    def __init__(
        self,
        bind: Any = None,
        *,
        binds: Any = None,
        sync_session_class: type[Session] = Session,
        **options: Any,
    ) -> None:
        def made(**others: Any) -> Session:
            return _at_hand(sync_session_class)(**{**others, "bind": bind, "binds": binds})

        super().__init__(sync_session_class=cast("type[Session]", made), **options)
        configure_if_complete()
        if (task := _task()) is not None:
            _remember(task, self)

    def __getattribute__(self, name: str) -> Any:
        if name in _WAITING:
            if is_sync_code():
                return getattr(self.sync_session, name)
            configure()
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "sync_session":
            raise AttributeError(name)
        found = getattr(self.sync_session, name)
        if not is_sync_code() and callable(found):
            raise _outside(f"{name}()")
        return found

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """AsyncSession's; what runs alone has the sync driver, whose cursors that one can't close."""
        if is_alone():
            return await greenlet_spawn(partial(self.sync_session.execute, *args, **kwargs))
        return await super().execute(*args, **kwargs)

    async def connection(self, *args: Any, **kwargs: Any) -> sa.AsyncConnection:
        """The same of the session's connection."""
        if is_alone():
            found = await greenlet_spawn(partial(self.sync_session.connection, *args, **kwargs))
            return connection_of(found)
        return await super().connection(*args, **kwargs)

    @property
    def bind(self) -> Any:
        """The sync engine that it was given."""
        return self.sync_session.bind

    @bind.setter
    def bind(self, value: Any) -> None:
        self.sync_session.bind = value

    def __enter__(self) -> OwnSession:
        if not is_sync_code():
            raise _outside("`with`")
        given: OwnSession = self._entered(self.sync_session.__enter__())
        return given

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        stopped: object = cast(Any, self.sync_session).__exit__(kind, error, traceback)
        return bool(stopped)

    async def __aenter__(self) -> Any:
        if self._enters_itself():
            return self._entered(await greenlet_spawn(self.sync_session.__enter__))
        return await super().__aenter__()

    async def __aexit__(  # type: ignore[override]  # a class of the application's may stop an error
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        if not self._enters_itself():
            await super().__aexit__(kind, error, traceback)
            return None
        leave = cast(Any, self.sync_session).__exit__
        return bool(await greenlet_spawn(leave, kind, error, traceback))

    def _enters_itself(self) -> bool:
        """Whether the application's class says what happens around a block: it may commit after it."""
        kind = type(self.sync_session)
        return (kind.__enter__, kind.__exit__) != (Session.__enter__, Session.__exit__)

    def _entered(self, given: Any) -> Any:
        """What `as` gives: this session for the one underneath."""
        return self if given is self.sync_session else given


class _Begun:
    """What `async_sessionmaker.begin()` gives: a session in a transaction, for a block."""

    def __init__(self, session: OwnSession) -> None:
        self._session = session
        self._transaction: Any = None

    def __enter__(self) -> OwnSession:
        if not is_sync_code():
            raise _outside("`with`")
        self._transaction = self._session.sync_session.begin()
        self._transaction.__enter__()
        return self._session

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            self._transaction.__exit__(kind, error, traceback)
        except BaseException as failure:
            if not self._session.__exit__(type(failure), failure, failure.__traceback__):
                raise
            return True
        return self._session.__exit__(kind, error, traceback)

    async def __aenter__(self) -> OwnSession:
        # Whoever enters it in a task of its own is async code too.
        self._transaction = sa.AsyncSession.begin(self._session)
        await self._transaction.__aenter__()
        return self._session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            await self._transaction.__aexit__(kind, error, traceback)
        except BaseException as failure:
            if not await self._session.__aexit__(type(failure), failure, failure.__traceback__):
                raise
            return True
        return await self._session.__aexit__(kind, error, traceback)


if TYPE_CHECKING:
    # What their results are to async code.
    _Maker = sa.async_sessionmaker[OwnSession]
    _Scoped = sa.async_scoped_session[OwnSession]
else:
    # What listeners are put on, and what others ask for.
    _Maker = sessionmaker
    _Scoped = scoped_session


class async_sessionmaker(_Maker):
    """SQLAlchemy's `sessionmaker`, of sessions for async and sync code; `bind` is a sync engine.

    Its `class_`, which listeners are put on, is that of the sync session underneath.
    """

    def __init__(self, bind: Any = None, **options: Any) -> None:
        super().__init__(bind, **options)

    def __call__(self, **options: Any) -> OwnSession:
        """A session, with these options before the factory's."""
        info = {**self.kw.get("info", {}), **options.get("info", {})}
        return OwnSession(
            sync_session_class=cast("type[Session]", self.class_),
            **{**self.kw, **options, **({"info": info} if info else {})},
        )

    def begin(self) -> _Begun:  # type: ignore[override]  # for `with` too
        """A session in a transaction, closed after the block."""
        return _Begun(self())


class async_scoped_session(_Scoped):
    """SQLAlchemy's `scoped_session`: a session a task, and one a thread where no event loop runs."""

    _support_async = True

    def __init__(self, session_factory: Callable[..., OwnSession], scopefunc: Any = None) -> None:
        # What a scope function of the application's would tell apart, tasks and threads do.
        cast(Any, super()).__init__(session_factory)
        self.registry = _Registry(session_factory)  # type: ignore[assignment]  # has its methods

    def __getattribute__(self, name: str) -> Any:
        if name in _OF_REGISTRY or name.startswith("_") or self._has_itself(name):
            return super().__getattribute__(name)
        if name == "remove":
            return self._remove if is_sync_code() else self._remove_later
        return getattr(self.registry(), name)

    def _has_itself(self, name: str) -> bool:
        """Whether an attribute is the registry's own: code has put it there, or a class below has it."""
        order = type(self).__mro__
        below = order[: order.index(async_scoped_session)]
        return name in vars(self) or any(name in vars(cls) for cls in below)

    async def _remove_later(self) -> None:
        if self.registry.has():
            await sa.AsyncSession.close(self.registry())
        self.registry.clear()

    def _remove(self) -> None:
        if self.registry.has():
            self.registry().sync_session.close()
        self.registry.clear()

    def query_property(self, query_cls: type[Query[Any]] | None = None) -> Any:
        """Gives the query of the class that it is read on."""
        return query_property(self, query_cls)


#: What is not the session's at hand.
_OF_REGISTRY = frozenset({"configure", "query_property"})


class _Registry:
    """The sessions that are open, by their tasks or threads."""

    def __init__(self, made: Callable[..., OwnSession]) -> None:
        self._made = made
        self._of_tasks: dict[asyncio.Task[Any], OwnSession] = {}
        self._of_threads = ThreadLocalRegistry(made)

    def __call__(self) -> OwnSession:
        task = _task()
        if task is None:
            return self._of_threads()
        if task not in self._of_tasks:
            self.set(self._made())
        return self._of_tasks[task]

    def has(self) -> bool:
        task = _task()
        return self._of_threads.has() if task is None else task in self._of_tasks

    def set(self, session: OwnSession) -> None:
        task = _task()
        if task is None:
            self._of_threads.set(session)
            return
        if task not in _with_sessions:
            _with_sessions[task] = WeakSet()
            task.add_done_callback(_end)
        _with_sessions[task].add(self)
        self._of_tasks[task] = session

    def clear(self) -> None:
        task = _task()
        if task is None:
            self._of_threads.clear()
        else:
            self._of_tasks.pop(task, None)

    def ended(self, task: asyncio.Task[Any]) -> None:
        """Nobody has removed it: it is of no use to anyone now."""
        session = self._of_tasks.pop(task, None)
        if session is not None:
            _close(task, session.sync_session)


#: The registries that have a session of each task, while it runs. The task holds none of them: what
#: one test makes goes with it, though all tests are one task.
_with_sessions: WeakKeyDictionary[asyncio.Task[Any], WeakSet[_Registry]] = WeakKeyDictionary()
#: The sessions that each task has made, while it runs.
_made: WeakKeyDictionary[asyncio.Task[Any], list[tuple[ref[OwnSession], Session]]] = (
    WeakKeyDictionary()
)
#: How many a task may leave open before the oldest is closed.
_MOST = 20


def _end(task: asyncio.Task[Any]) -> None:
    for registry in _with_sessions.pop(task, WeakSet()):
        registry.ended(task)


def _remember(task: asyncio.Task[Any], session: OwnSession) -> None:
    if task not in _made:
        task.add_done_callback(_forget)
    known = [s for s in _made.get(task, ()) if s[0]() is not None or s[1].in_transaction()]
    if len(known) > _MOST and known[0][0]() is None:
        _close(task, known.pop(0)[1])
    _made[task] = [*known, (ref(session), session.sync_session)]


def _forget(task: asyncio.Task[Any]) -> None:
    """Close what the task has left open and nobody has any more, as Python did for a sync driver."""
    for session, underneath in _made.pop(task, ()):
        if session() is None:
            _close(task, underneath)


def _close(task: asyncio.Task[Any], session: Session) -> None:
    if session.in_transaction():
        close_in_loop(task, session)


def _task() -> asyncio.Task[Any] | None:
    """The task that has a session of its own; None where a thread has: what runs alone is part of it."""
    return None if is_alone() or not on_loop() else asyncio.current_task()


def _outside(what: str) -> OutsideBridge:
    return OutsideBridge(
        f"{what} of a sync session was used in async code, outside the bridge.",
        "It does its I/O in sync calls, which async code can't await.",
        "Use the AsyncSession's own form with `await`, or run the function by `await bridge(...)`.",
    )


__all__ = ["OwnSession", "async_scoped_session", "async_sessionmaker"]
