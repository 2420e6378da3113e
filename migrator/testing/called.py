"""What a test calls, in the form that goes with converted code.

The engines and sessions that it makes itself are those that converted code makes: a test that hands
`sessionmaker(bind=engine)()` to a function of the application hands it a session that can be awaited
there, and is a sync one in the test. What SQLAlchemy's names are to `isinstance` and to listeners
stays as it is: only calls are replaced. What calls a function for the test, to see it raise or warn,
sees what the function does, not the coroutine that it gives.

https://docs.sqlalchemy.org/en/21/orm/session_basics.html
https://docs.python.org/3/library/unittest.html#unittest.TestCase.assertRaises
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Generator
from contextlib import AbstractAsyncContextManager, _AsyncGeneratorContextManager
from functools import wraps
from types import TracebackType
from typing import Any
from unittest import TestCase

import pytest
import sqlalchemy as sa
from sqlalchemy import Select, orm

from migrator.runtime.db import (
    async_scoped_session,
    async_sessionmaker,
    create_twin_engine,
    in_bridge,
    unbridge,
    unbridge_with,
)
from migrator.runtime.db.own_sessions import OwnSession
from migrator.testing.queries import runnable


def settled(result: Any) -> Any:
    """What a call in a test gave, as the test goes on with it.

    Awaited when it is a coroutine, looped over as ever when it is an asynchronous generator, entered
    as ever when it was a `@contextmanager`, and a select can be run as the query that it was.
    """
    if inspect.iscoroutine(result):
        return settled(unbridge(result)) if in_bridge() else result
    # By its class: what else has `__aenter__` alone was so before, and may be compared with `is`.
    if isinstance(result, _AsyncGeneratorContextManager):
        return _Manager(result) if in_bridge() else result
    if isinstance(result, Select):
        return runnable(result) if in_bridge() else result
    return _Items(result) if inspect.isasyncgen(result) and in_bridge() else result


class _Items(Generator[Any, None, None], AsyncGenerator[Any, Any]):
    """What an asynchronous generator gives, for a plain loop as well.

    One that was so before is handed to an `async for`: a test's own, say, in the place of a client's messages.
    """

    def __init__(self, generator: AsyncGenerator[Any, Any]) -> None:
        self._generator, self._here = generator, _items(generator)

    def send(self, value: None) -> Any:
        return next(self._here)

    def throw(self, *error: Any) -> Any:
        return self._here.throw(*error)

    def asend(self, value: Any) -> Any:
        return self._generator.asend(value)

    def athrow(self, *error: Any) -> Any:
        return self._generator.athrow(*error)

    def aclose(self) -> Any:
        return self._generator.aclose()


def _items(generator: Any) -> Generator[Any, None, None]:
    end = object()
    try:
        while (item := unbridge(anext(generator, end))) is not end:
            yield item
    finally:
        if in_bridge():
            unbridge(generator.aclose())


class _Manager:
    """What an `@asynccontextmanager` gave, for `with` as well."""

    def __init__(self, manager: AbstractAsyncContextManager[Any]) -> None:
        self._manager, self._here = manager, unbridge_with(manager)

    def __enter__(self) -> Any:
        return self._here.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return self._here.__exit__(kind, error, trace)

    def __aenter__(self) -> Awaitable[Any]:
        return self._manager.__aenter__()

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Awaitable[bool | None]:
        return self._manager.__aexit__(kind, error, trace)


def converted(function: Any) -> Any:
    """What a test calls, or what takes its place; most functions are what they were."""
    if id(function) in _MADE:
        return _MADE[id(function)]
    return _calling(function) if _is_assertion(function) else function


def _scoped(session_factory: Any, scopefunc: Any = None) -> async_scoped_session:
    """A session for the run, which is one task; a scope of its own goes, as it does in converted code."""
    return async_scoped_session(session_factory)


_MADE: dict[int, Any] = {
    id(sa.create_engine): create_twin_engine,
    id(orm.sessionmaker): async_sessionmaker,
    id(orm.scoped_session): _scoped,
    id(orm.Session): OwnSession,
}


def _is_assertion(function: Any) -> bool:
    if function is pytest.raises or function is pytest.warns or function is pytest.deprecated_call:
        return True
    return (
        inspect.ismethod(function)
        and isinstance(function.__self__, TestCase)
        and function.__name__.startswith(("assertRaises", "assertWarns"))
    )


def _calling(assertion: Any) -> Any:
    """An assertion that awaits what the function which it is given gives."""

    @wraps(assertion)
    def awaiting(*args: Any, **kwargs: Any) -> Any:
        return assertion(*map(_plain, args), **kwargs)

    return awaiting


def _plain(given: Any) -> Any:
    if not inspect.isroutine(given) or not inspect.iscoroutinefunction(given):
        return given

    @wraps(given)
    def plain(*args: Any, **kwargs: Any) -> Any:
        return settled(given(*args, **kwargs))

    return plain
