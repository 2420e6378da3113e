"""`db.session`: the AsyncSession in async code, the sync Session underneath inside the bridge."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated, Any, cast

from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session
from sqlalchemy.orm import Query, Session, scoped_session, sessionmaker
from sqlalchemy.util.concurrency import await_only

from migrator.runtime.db.alone import is_alone
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.db.bridge import in_bridge, in_greenlet
from migrator.runtime.db.calls import call
from migrator.runtime.db.engines import Engines
from migrator.runtime.db.errors import OutsideScope
from migrator.runtime.db.query_property import query_property
from migrator.runtime.db.scope import AnyScope, Scope, SyncScope, current_scope


class SessionProxy:
    """Stands for the session of the current scope of `owner`; made once, used everywhere.

    What is put in the place of a method (`monkeypatch.setattr(db.session, "commit", fail)`) is put
    there for all sessions, as with a scoped_session. Async code may await it, whatever it is.
    """

    __slots__ = ("_owner", "_replaced", "session_factory")
    _replaced: dict[str, Any]

    def __init__(self, owner: object, session_factory: sessionmaker[Session]) -> None:
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_replaced", {})
        object.__setattr__(self, "session_factory", session_factory)

    def __call__(self) -> AsyncSession | Session:
        """The session itself, as `scoped_session` gives it when called."""
        return _current(self._owner)

    @property
    def registry(self) -> SessionProxy:
        """What a `scoped_session` finds its session by: called, it gives the session itself."""
        return self

    def query_property(self, query_cls: type[Query[Any]] | None = None) -> Any:
        """Gives the query of the class that it is read on, as a `scoped_session`'s does."""
        return query_property(self, query_cls)

    @property
    def at_hand(self) -> SessionAtHand:
        """What a function gives that gave `db.session()`, where code puts attributes on sessions."""
        return SessionAtHand(self)

    # Flask-SQLAlchemy's is a scoped_session. Code asks for that, and SQLAlchemy does when a
    # listener is put on `db.session`: it goes to the class that `session_factory` makes.
    @property  # type: ignore[misc]  # object's is writable
    def __class__(self) -> type[scoped_session[Any]]:  # type: ignore[override]  # the point of it
        return scoped_session

    # Made by hand: Python looks special methods up on the class.
    def __contains__(self, instance: object) -> bool:
        return instance in _current(self._owner)

    def __iter__(self) -> Iterator[Any]:
        return iter(_current(self._owner))

    # What a function gives that gave `db.session()`: the block ends with the session's `close()`.
    def __enter__(self) -> Session:
        return cast("Session", _current(self._owner)).__enter__()

    def __exit__(self, *error: Any) -> None:
        cast("Session", _current(self._owner)).__exit__(*error)

    async def __aenter__(self) -> AsyncSession:
        return await cast("AsyncSession", _current(self._owner)).__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        await cast("AsyncSession", _current(self._owner)).__aexit__(*error)

    def __getattr__(self, name: str) -> Any:
        if name in self._replaced:
            return self._replacement(name)
        if name == "remove":
            return partial(_removed, self._owner)
        if current_scope(self._owner) is None:
            known = getattr(AsyncSession, name, None) or getattr(self.session_factory.class_, name)
            if callable(known):
                # As a scoped_session's method: taken anywhere, looked up when it is called.
                return partial(_called, self._owner, name)
        session = _current(self._owner)
        if name == "sync_session" and isinstance(session, Session):
            return session  # by another name than `db.session`, sync code may ask for it
        return getattr(session, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(scoped_session, name, None), property):
            setattr(_current(self._owner), name, value)
        elif _is_own(value, name):
            self._replaced.pop(name, None)
        else:
            self._replaced[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self._replaced:
            raise AttributeError(f"db.session has no {name!r} of its own to delete.")
        del self._replaced[name]

    def _replacement(self, name: str) -> Any:
        value = self._replaced[name]
        asynchronous = inspect.iscoroutinefunction(getattr(async_scoped_session, name, None))
        if asynchronous and callable(value) and not _in_sync_code(current_scope(self._owner)):
            return partial(call, value)
        return value

    def __repr__(self) -> str:
        scope = current_scope(self._owner)
        return f"<db.session {'outside a scope' if scope is None else repr(scope.session)}>"


class SessionAtHand(SessionProxy):
    """`db.session.at_hand`: what code puts on it is put on the session of whoever asks, as on `db.session()`."""

    __slots__ = ()

    def __init__(self, proxy: SessionProxy) -> None:
        super().__init__(proxy._owner, proxy.session_factory)
        object.__setattr__(self, "_replaced", proxy._replaced)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_current(self._owner), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_current(self._owner), name)


def _is_own(value: object, name: str) -> bool:
    """Whether it is the method of that name that was read here before, put back."""
    if isinstance(value, partial):
        return value.func in (_called, _removed)
    own = isinstance(getattr(value, "__self__", None), AsyncSession | Session)
    return own and getattr(value, "__name__", "") == name


def _in_sync_code(scope: AnyScope | None) -> bool:
    return not _alone() and (in_bridge() or isinstance(scope, SyncScope))


def _removed(owner: object) -> Any:
    """Close the session; the next use makes a fresh one. In async code, to be awaited."""
    scope = current_scope(owner)
    if not _in_sync_code(scope):
        return _remove(scope)
    if scope is not None:
        close_now(scope)
    return None


def _called(owner: object, name: str, /, *args: Any, **kwargs: Any) -> Any:
    return getattr(_current(owner), name)(*args, **kwargs)


def _alone() -> bool:
    """Whether this is async code over a sync session."""
    return is_alone() and not in_bridge()


def close_now(scope: AnyScope) -> None:
    """Close the session of `scope` from sync code; its next use makes a fresh one.

    On an event loop outside of a greenlet nothing can wait: there a task of its own closes it.
    """
    if isinstance(scope, SyncScope):
        scope.remove()
    elif not scope.started:
        pass
    elif in_greenlet():
        await_only(scope.remove())
    elif asyncio._get_running_loop() is not None:
        _closing.add(task := asyncio.ensure_future(scope.remove()))
        task.add_done_callback(_closing.discard)
    else:
        run_blocking(scope.remove())


# A loop keeps only weak references to its tasks.
_closing: set[asyncio.Future[None]] = set()


async def _remove(scope: AnyScope | None) -> None:
    if isinstance(scope, Scope):
        await scope.remove()
    elif scope is not None:
        scope.remove()


def outside_scope() -> OutsideScope:
    """The error for a use of the session where there is none."""
    return OutsideScope(
        "db.session was used where no request, command or scope is open.",
        "There is no session that this code could share with its caller.",
        "Run it in a request or a command of the application, or in `async with db.scope():`.",
    )


def _current(owner: object) -> AsyncSession | Session:
    scope = current_scope(owner)
    if scope is None:
        raise outside_scope()
    if isinstance(scope, SyncScope):
        return scope.twin if _alone() else scope.session
    return scope.session.sync_session if in_bridge() else scope.session


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """A dependency: the request's session, the same object as `db.session`.

    Commits when the path operation has returned and rolls back when it raised. Declare it with
    `Depends(get_session, scope="function")`, as `SessionDep` does: with FastAPI's default scope the
    COMMIT comes after the response, so that one that fails has already been answered 200.

    Outside an application of `compat`, the engines are those of `lifespan(engines)`.
    """
    scope = current_scope()
    if isinstance(scope, Scope):
        async for session in _committing(scope):
            yield session
        return
    engines = getattr(connection.app.state, "engines", None)
    if not isinstance(engines, Engines):
        raise OutsideScope(
            "A path operation asks for a database session.",
            "The application has none: no engines were given to it.",
            "Create it with FastAPI(lifespan=lifespan(engines)).",
        )
    async with Scope(engines.async_sessionmaker, owner=engines) as scope:
        async for session in _committing(scope):
            yield session


async def _committing(scope: Scope) -> AsyncIterator[AsyncSession]:
    session = scope.session
    try:
        yield session
    except BaseException:
        await session.rollback()
        raise
    await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
