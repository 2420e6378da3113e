"""The span of one request, command or job: it owns the one AsyncSession used meanwhile.

A ContextVar holds the scope itself, not the session: a task started inside sees the same scope,
and with it a session that was made later. Flask-SQLAlchemy's counterpart is the app context.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from migrator.runtime.db.errors import OutsideScope

_current: ContextVar[AnyScope | None] = ContextVar("migrator.runtime.db.scope", default=None)


class Scope:
    """Opens with `async with`; the session is made on first use and closed at the end.

    What was not committed by then is rolled back. `owner` tells the scopes of two databases apart.
    """

    def __init__(self, maker: async_sessionmaker[AsyncSession], owner: object = None) -> None:
        self._maker = maker
        self._session: AsyncSession | None = None
        self._outer: AnyScope | None = None
        self._token: Token[AnyScope | None] | None = None
        self._open = False
        self.owner = owner
        self.app: Any = None

    @property
    def session(self) -> AsyncSession:
        """The scope's session. Raises OutsideScope when the scope has ended."""
        if not self._open:
            raise ended()
        if self._session is None:
            self._session = self._maker()
        return self._session

    @property
    def started(self) -> bool:
        """Whether the session has been made."""
        return self._session is not None

    async def remove(self) -> None:
        """Close the session; the next use makes a fresh one."""
        session, self._session = self._session, None
        if session is not None:
            # A cancelled request still gives its connection back.
            await asyncio.shield(asyncio.ensure_future(session.close()))

    async def __aenter__(self) -> Scope:
        self._outer = _current.get()
        self._open = True
        self._token = _current.set(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open = False
        if self._token is not None:
            # A ValueError: left in another context than entered, as a dependency's exit may be; the
            # variable of this one never pointed here.
            with contextlib.suppress(ValueError):
                _current.reset(self._token)
            self._token = None
        await self.remove()


class SyncScope:
    """The same for sync code without an event loop, such as a script or a thread: `with`.

    The session is a sync one over the sync driver.
    """

    def __init__(self, maker: sessionmaker[Session], owner: object = None) -> None:
        self._maker = maker
        self._session: Session | None = None
        self._outer: AnyScope | None = None
        self._token: Token[AnyScope | None] | None = None
        self._open = False
        self.owner = owner
        self.app: Any = None

    @property
    def session(self) -> Session:
        """The scope's session. Raises OutsideScope when the scope has ended."""
        if not self._open:
            raise ended()
        if self._session is None:
            self._session = self._maker()
        return self._session

    def remove(self) -> None:
        """Close the session; the next use makes a fresh one."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def __enter__(self) -> SyncScope:
        self._outer = _current.get()
        self._open = True
        self._token = _current.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        self._open = False
        if self._token is not None:
            _current.reset(self._token)
            self._token = None
        self.remove()


AnyScope = Scope | SyncScope


def ended() -> OutsideScope:
    """The error for a use of the session of a scope that has ended."""
    return OutsideScope(
        "db.session was used after its request or scope had ended.",
        "The session is closed by then; a task that outlives the request can't use it.",
        "Open one of the task's own: `async with db.scope():`.",
    )


def current_scope(owner: object = None) -> AnyScope | None:
    """The innermost open scope, of `owner` if given; None outside."""
    scope = _current.get()
    while scope is not None and (
        not scope._open or (owner is not None and scope.owner is not owner)
    ):
        scope = scope._outer
    return scope
