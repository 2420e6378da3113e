"""The span of one request, command or job: it owns the one AsyncSession used meanwhile.

A ContextVar holds the scope itself, not the session: a task started inside sees the same scope,
and with it a session that was made later. Flask-SQLAlchemy's counterpart is the app context.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar, Token
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, cast

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util.concurrency import greenlet_spawn

from migrator.runtime.db.errors import OutsideScope
from migrator.runtime.db.mappers import configure, configure_if_complete
from migrator.runtime.db.shared_session import SharedSession
from migrator.runtime.db.sync_driver import connection_of
from migrator.runtime.told import get_logger

logger = get_logger("migrator.runtime.db.scope")

_current: ContextVar[AnyScope | Job | None] = ContextVar("migrator.runtime.db.scope", default=None)
_FLUSHED = "migrator.flushed"


class Span:
    """Where a scope begins and ends; what its session is, the two kinds of scope say."""

    #: Plain functions that native code calls, through a library above all, wait for the database
    #: as in the bridge (see `bridge.in_bridge`).
    plain_callers = False

    def __init__(self, owner: object = None) -> None:
        self._owner = owner
        self._outer: AnyScope | Job | None = None
        self._tokens: list[Token[AnyScope | Job | None]] = []
        self._open = False
        self.app: Any = None
        #: The statements run in it (see record_queries).
        self.recorded: list[Any] = []

    @property
    def owner(self) -> object:
        """Tells the scopes of two databases apart."""
        return self._owner

    def enter(self) -> None:
        """Make this the current scope; once more for one that is open already."""
        if not self._tokens:
            self._outer = _current.get()
            self._open = True
        self._tokens.append(_current.set(cast("AnyScope", self)))

    def leave(self) -> bool:
        """Undo one `enter`; True when that was the last, and the session is to be closed."""
        # A ValueError: left in another context than entered, as a dependency's exit may be; the
        # variable of this one never pointed here.
        with contextlib.suppress(ValueError):
            _current.reset(self._tokens.pop())
        self._open = bool(self._tokens)
        return not self._open


@dataclass(frozen=True)
class Named:
    """Owns one more session of each scope of the database `whole`, for as long as that is open."""

    whole: object
    name: str
    #: Makes it, on an event loop; without one, what makes the scope's own.
    maker: Callable[[], AsyncSession] | None = None


class Scope(Span):
    """Opens with `async with`; the session is made on first use and closed at the end.

    What was not committed by then is rolled back. `owner` tells the scopes of two databases apart.
    """

    def __init__(self, maker: Callable[[], AsyncSession], owner: object = None) -> None:
        super().__init__(owner)
        self._maker = maker
        self._session: AsyncSession | None = None
        #: Sessions of scopes that have ended, which what outlived these has used in this one.
        self._late: list[AsyncSession] = []
        self._named: dict[str, Scope] = {}

    def enter(self) -> None:
        # On an event loop there is a server or a command, whose modules are there.
        if not self._tokens:
            configure()
        super().enter()

    @property
    def session(self) -> AsyncSession:
        """The scope's session. Raises OutsideScope when the scope has ended."""
        if not self._open:
            raise ended()
        if self._session is None:
            self._session = self._maker()
        return self._session

    def named(self, owner: Named) -> Scope:
        """The scope of another session than the scope's own, which ends with it."""
        if owner.name not in self._named:
            maker = owner.maker or self._maker
            scope = self._named[owner.name] = Scope(maker, owner=owner)
            scope._open, scope.app = True, self.app
        return self._named[owner.name]

    @property
    def started(self) -> bool:
        """Whether there is a session to be closed."""
        others = any(scope.started for scope in self._named.values())
        return self._session is not None or bool(self._late) or others

    async def remove(self) -> None:
        """Close the session; the next use makes a fresh one."""
        named, self._named = self._named, {}
        for scope in named.values():
            await scope.remove()
        session, self._session = self._session, None
        late, self._late = self._late, []
        for each in (*late, *([] if session is None else [session])):
            # A cancelled request still gives its connection back.
            await asyncio.shield(asyncio.ensure_future(each.close()))
        if session is not None:
            event.listen(session.sync_session, "after_begin", partial(_begun_late, session))

    async def __aenter__(self) -> Scope:
        self.enter()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.leave():
            await self.remove()


def _begun_late(session: AsyncSession, *_: object) -> None:
    """A session is used once more after its scope: by the query that a streamed template is given.

    The scope at hand closes it, since an async connection can't be given back when it is forgotten.
    """
    scope = _current.get()
    if isinstance(scope, Scope):
        scope._late.append(session)


class _Twin(SharedSession):
    """An AsyncSession over a session of the sync driver: nothing that it awaits ever waits."""

    def __init__(self, session: Session) -> None:
        def made(**options: Any) -> Session:
            return session

        super().__init__(sync_session_class=cast("type[Session]", made))

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        # The inherited one expects a cursor of an async driver.
        return await greenlet_spawn(partial(self.sync_session.execute, *args, **kwargs))

    async def connection(self, *args: Any, **kwargs: Any) -> AsyncConnection:
        found = await greenlet_spawn(partial(self.sync_session.connection, *args, **kwargs))
        return connection_of(found)


class SyncScope(Span):
    """The same for sync code without an event loop, such as a script or a thread: `with`.

    The session is a sync one over the sync driver.
    """

    plain_callers = True

    def __init__(self, maker: Callable[[], Session], owner: object = None) -> None:
        super().__init__(owner)
        self._maker = maker
        self._session: Session | None = None
        self._twin: AsyncSession | None = None
        self._named: dict[str, SyncScope] = {}

    def enter(self) -> None:
        if not self._tokens:
            configure_if_complete()
        super().enter()

    def named(self, owner: Named) -> SyncScope:
        """As a Scope has it."""
        if owner.name not in self._named:
            scope = self._named[owner.name] = SyncScope(self._maker, owner=owner)
            scope._open, scope.app = True, self.app
        return self._named[owner.name]

    @property
    def session(self) -> Session:
        """The scope's session. Raises OutsideScope when the scope has ended."""
        if not self._open:
            raise ended()
        if self._session is None:
            self._session = self._maker()
        return self._session

    @property
    def twin(self) -> AsyncSession:
        """The same session for coroutines that run alone: what it awaits, the sync driver does."""
        session = self.session
        if self._twin is None:
            self._twin = _Twin(session)
        return self._twin

    def remove(self) -> None:
        """Close the session; the next use makes a fresh one."""
        named, self._named = self._named, {}
        for scope in named.values():
            scope.remove()
        session, self._session, self._twin = self._session, None, None
        if session is not None:
            session.close()

    def __enter__(self) -> SyncScope:
        self.enter()
        return self

    def __exit__(self, *error: object) -> None:
        if self.leave():
            self.remove()


class Job:
    """A call without any scope around it: each database gets a SyncScope at its first use."""

    def __init__(self) -> None:
        self._scopes: dict[int, SyncScope | None] = {}

    def open(self) -> Job:
        """Make it the scope of the current context, for good."""
        _current.set(self)
        return self

    def scope(self, owner: Any) -> SyncScope | None:
        """The scope of a database; without one, of the first that was used."""
        if owner is None:
            return next(iter(self._scopes.values()), None)
        if id(owner) not in self._scopes:
            # For its engines, the database itself asks for the current scope.
            self._scopes[id(owner)] = None
            scope: SyncScope = owner.sync_scope()
            scope._open = True
            _watch(scope.session)
            self._scopes[id(owner)] = scope
        return self._scopes[id(owner)]

    def close(self) -> None:
        """Close the sessions; what nobody committed is lost, and logged."""
        for scope in self._scopes.values():
            if scope is not None:
                _tell(scope.session)
                scope._open = False
                scope.remove()


def _watch(session: Session) -> None:
    """Remember what was flushed and not yet committed."""

    def flushed(*args: Any) -> None:
        session.info[_FLUSHED] = True

    def settled(*args: Any) -> None:
        if not session.in_nested_transaction():
            session.info.pop(_FLUSHED, None)

    event.listen(session, "after_flush", flushed)
    event.listen(session, "after_commit", settled)
    event.listen(session, "after_rollback", settled)


def _tell(session: Session) -> None:
    if session.new or session.dirty or session.deleted or _FLUSHED in session.info:
        logger.warning(
            "A coroutine function that sync code called outside of any scope ended without a"
            " commit: its changes are lost. Open a scope around it: `with db.sync_scope():`."
        )


AnyScope = Scope | SyncScope


def ended() -> OutsideScope:
    """The error for a use of the session of a scope that has ended."""
    return OutsideScope(
        "db.session was used after its request or scope had ended.",
        "The session is closed by then; a task that outlives the request can't use it.",
        "Open one of the task's own: `async with db.scope():`.",
    )


def is_scope(variable: ContextVar[Any]) -> bool:
    """Whether it is the variable that holds the scope at hand."""
    return variable is _current


def current_scope(owner: object = None) -> AnyScope | None:
    """The innermost open scope, of `owner` if given; None outside."""
    if isinstance(owner, Named):
        whole = current_scope(owner.whole)
        return whole.named(owner) if whole is not None else None
    scope = _current.get()
    while isinstance(scope, Scope | SyncScope) and (
        not scope._open or (owner is not None and scope.owner is not owner)
    ):
        scope = scope._outer
    return scope.scope(owner) if isinstance(scope, Job) else scope


def request_scope() -> Scope | None:
    """The outermost scope of the request at hand, whatever was opened inside of it; None outside.

    What sync code opened around it, and may have left open for good, is not the request's.
    """
    scope, found = _current.get(), None
    while isinstance(scope, Scope | SyncScope):
        found = scope if isinstance(scope, Scope) else found
        scope = scope._outer
    return found


def forget() -> None:
    """Be outside of any scope from here on."""
    _current.set(None)


@contextlib.contextmanager
def detached() -> Iterator[None]:
    """Inside this block no scope is open, whatever the caller's context has."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
