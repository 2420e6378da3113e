"""Any driver behind an AsyncEngine: each connection has a thread of its own, in which it does its work.

Where SQLAlchemy knows no async driver that gives the same values and errors, there is one that does:
the application's own. The event loop waits for the thread as it waits for a socket.

PEP 249 lets threads share no connections (threadsafety 1); one thread after the other is one thread.
https://peps.python.org/pep-0249/#threadsafety
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from threading import get_ident
from typing import Any

from sqlalchemy import URL, Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, Pool
from sqlalchemy.util.concurrency import await_only

_SUFFIX = "_in_thread"


def in_thread(url: URL) -> URL:
    """`url` with the same driver as one for `create_async_engine`.

    Raises sqlalchemy.exc.NoSuchModuleError where SQLAlchemy doesn't know the database or the driver.
    """
    base = url.get_dialect()
    backend = url.get_backend_name()
    driver = base.driver + _SUFFIX
    name = f"{backend}_{driver}"
    if name not in globals():
        # SQLAlchemy asks for this attribute on the very class.
        own = {"supports_statement_cache": base.__dict__.get("supports_statement_cache", False)}
        globals()[name] = type(name, (_InThread, base), own)
        registry.register(f"{backend}.{driver}", __name__, name)
    return url.set(drivername=f"{backend}+{driver}")


def is_in_thread(url: URL) -> bool:
    """Whether `in_thread` has made it."""
    return url.drivername.endswith(_SUFFIX)


def without_thread(url: URL) -> URL:
    """The URL that `in_thread` was given."""
    return url.set(drivername=url.drivername.removesuffix(_SUFFIX))


class _Thread:
    """Does one thing after the other."""

    def __init__(self) -> None:
        self._ident = 0
        self._executor = ThreadPoolExecutor(1, "migrator-db", self._begin)

    def _begin(self) -> None:
        self._ident = get_ident()

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What `function` gives. On an event loop a greenlet has to ask."""
        if get_ident() == self._ident:  # a driver that was given an object of ours
            return function(*args, **kwargs)
        # Taken out as it is called: the executor would hold what it is given until after the result is
        # there, and with it the last reference to a connection that is dropped then.
        calls = [partial(copy_context().run, function, *args, **kwargs)]
        if asyncio._get_running_loop() is None:
            return self._executor.submit(lambda: calls.pop()()).result()
        return await_only(self._done(lambda: calls.pop()()))

    async def _done(self, call: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def later(self, function: Callable[[], Any]) -> None:
        """After what is under way; nobody waits for it."""
        # RuntimeError: the thread has ended, or the interpreter does, and with it the connection.
        with suppress(RuntimeError):
            self._executor.submit(function)

    def end(self) -> None:
        self._executor.shutdown(wait=False)


class _Object:
    """A driver's object: what can be called is, in the thread; everything else is its own.

    It passes for the driver's, since listeners ask for the class of what they are given.
    """

    __slots__ = ("_thread",)

    _thread: _Thread

    def _own(self) -> Any:
        raise NotImplementedError

    @property
    def __class__(self) -> type:
        return type(self._own())

    @__class__.setter
    def __class__(self, value: type) -> None:  # object's is writable
        raise TypeError("the class of a driver's object is fixed")

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._own(), name)
        return partial(self._thread.run, value) if callable(value) else value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SLOTS:
            object.__setattr__(self, name, value)
        else:
            self._thread.run(setattr, self._own(), name, value)

    def __enter__(self) -> Any:
        self._thread.run(self._own().__enter__)
        return self

    def __exit__(self, *error: Any) -> Any:
        return self._thread.run(self._own().__exit__, *error)


class Connection(_Object):
    """A driver's connection."""

    __slots__ = ("_connection",)

    _connection: Any

    def __init__(self, thread: _Thread, connection: Any) -> None:
        self._thread = thread
        self._connection = connection

    def _own(self) -> Any:
        return self._connection

    def with_own(self, function: Callable[[Any], Any]) -> Any:
        """What `function` does with the driver's own connection, in its thread."""
        return self._thread.run(function, self._connection)

    def cursor(self, *args: Any, **kwargs: Any) -> Cursor:
        """Rows stay with the server where the driver is told anything of the cursor: SQLAlchemy streams so."""
        make = partial(self._connection.cursor, *args, **kwargs)
        return Cursor(self._thread, make, streams=bool(args or kwargs))

    def close(self) -> None:
        self._thread.run(self._connection.close)
        self._thread.end()

    def terminate(self) -> None:
        """Close it when what it does is done; waits for nothing, so that it may be called anywhere."""
        self._thread.later(self._connection.close)
        self._thread.end()


class Cursor(_Object):
    """A driver's cursor. Rows that don't stay with the server are here once a statement is done."""

    __slots__ = ("_cursor", "_make", "_rows", "_streams")

    _cursor: Any
    _make: Callable[[], Any]
    _rows: deque[Any]
    _streams: bool

    def __init__(self, thread: _Thread, make: Callable[[], Any], *, streams: bool) -> None:
        self._thread = thread
        self._cursor = None
        self._make = make
        self._rows = deque()
        self._streams = streams

    def _own(self) -> Any:
        if self._cursor is None:
            self._cursor = self._thread.run(self._make)
        return self._cursor

    def execute_by(self, do: Callable[..., Any], *args: Any) -> Any:
        """`do(cursor, ...)` with the driver's own cursor; its rows are fetched at once."""
        return self._thread.run(self._execute, do, args)

    def _execute(self, do: Callable[..., Any], args: Sequence[Any]) -> Any:
        if self._cursor is None:
            self._cursor = self._make()
        result = do(self._cursor, *args)
        self._fetch()
        return self if result is self._cursor else result

    def _fetch(self) -> None:
        self._rows = deque()
        if not self._streams and self._cursor.description:
            self._rows.extend(self._cursor.fetchall())

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        return self.execute_by(lambda cursor: cursor.execute(*args, **kwargs))

    def executemany(self, *args: Any, **kwargs: Any) -> Any:
        return self.execute_by(lambda cursor: cursor.executemany(*args, **kwargs))

    def callproc(self, *args: Any, **kwargs: Any) -> Any:
        return self.execute_by(lambda cursor: cursor.callproc(*args, **kwargs))

    def nextset(self) -> Any:
        return self.execute_by(lambda cursor: cursor.nextset())

    def fetchone(self) -> Any:
        if self._streams:
            return self._thread.run(self._own().fetchone)
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        if self._streams:
            many = self._own().fetchmany
            return self._thread.run(many) if size is None else self._thread.run(many, size)  # type: ignore[no-any-return]
        wanted = self._own().arraysize if size is None else size
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    def fetchall(self) -> Sequence[Any]:
        if self._streams:
            return self._thread.run(self._own().fetchall)  # type: ignore[no-any-return]
        rows, self._rows = self._rows, deque()
        return list(rows)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchone, None)

    def close(self) -> None:
        self._rows = deque()
        if self._cursor is not None:
            self._thread.later(self._cursor.close)

    async def _async_soft_close(self) -> None:
        """What an AsyncConnection asks of the cursor of a result that it gives out: all is fetched."""


_SLOTS = {*_Object.__slots__, *Connection.__slots__, *Cursor.__slots__}


class _InThread(DefaultDialect):
    """Before a dialect of SQLAlchemy's among the bases of a class: the same in threads."""

    is_async = True
    has_terminate = True

    @classmethod
    def get_dialect_cls(cls, url: URL) -> type[Dialect]:
        return cls

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> type[Dialect]:
        return cls

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        usual = super().get_pool_class(url)
        return usual if usual is NullPool else AsyncAdaptedQueuePool

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        return connected(partial(super().connect, *args, **kwargs))

    def on_connect_url(self, url: URL) -> Callable[[Any], Any] | None:
        set_up = super().on_connect_url(url)
        return None if set_up is None else lambda connection: connection.with_own(set_up)

    def do_execute(self, cursor: Any, *args: Any) -> None:
        cursor.execute_by(super().do_execute, *args)

    def do_execute_no_params(self, cursor: Any, *args: Any) -> None:
        cursor.execute_by(super().do_execute_no_params, *args)

    def do_executemany(self, cursor: Any, *args: Any) -> None:
        cursor.execute_by(super().do_executemany, *args)

    def do_terminate(self, dbapi_connection: Any) -> None:
        dbapi_connection.terminate()


def connected(connect: Callable[[], Any]) -> Connection:
    """The connection that `connect` makes, in a thread of its own from the first."""
    thread = _Thread()
    made: list[Any] = []
    try:
        thread.run(lambda: made.append(connect()))
    except BaseException:
        # Who waited may have been cancelled, and then there is a connection in a moment.
        thread.later(lambda: [connection.close() for connection in made])
        thread.end()
        raise
    return Connection(thread, made[0])


__all__ = ["connected", "in_thread", "is_in_thread", "without_thread"]
