"""`@unbridged`: a coroutine function as a plain function, for callers that can't await.

A method that a foreign base class calls, a property, a function that is passed on as a value keeps
a plain signature that way and has a native body all the same.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, ParamSpec, TypeVar, overload

from migrator.runtime.db.async_sides import awaitable_sessions
from migrator.runtime.db.bridge import in_bridge, in_greenlet, wait
from migrator.runtime.db.errors import OutsideBridge
from migrator.runtime.db.jobs import know_jobs
from migrator.runtime.db.parameters import with_parameters_of
from migrator.runtime.db.reload import reload_now
from migrator.runtime.db.steps import unbridge_iter
from migrator.runtime.signatures import signature_of

P = ParamSpec("P")
T = TypeVar("T")


@overload
def unbridged(fn: Callable[P, Coroutine[Any, Any, T]], /) -> Callable[P, T]: ...


@overload
def unbridged(fn: Callable[P, AsyncIterator[T]], /) -> Callable[P, Iterator[T]]: ...


def unbridged(fn: Callable[..., Any], /) -> Callable[..., Any]:
    """`fn`, an `async def`, as a plain function; an async generator as a plain generator.

    Called by sync code in the bridge, it awaits `fn` there; where no event loop runs, `fn` runs
    alone (see `unbridge`). Async code says `await bridge(f, ...)`: a request's waits without that
    as well, any other gets OutsideBridge, and `fn` isn't called. Goes under `@property`,
    `@classmethod` and the like.
    """
    know_jobs()  # a task is made in a module that has loaded what it is a task of
    if inspect.isasyncgenfunction(fn):
        run = _stepped
    elif inspect.iscoroutinefunction(fn):
        run = _waited
    else:
        raise TypeError(f"unbridged() takes an async def, not {fn!r}")

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if asyncio._get_running_loop() is not None and not in_greenlet():
            raise _in_async_code(fn)
        return run(fn, args, kwargs)

    shell = with_parameters_of(fn, call)
    made: Any = functools.update_wrapper(shell, fn)
    # Whoever unwraps it would take it for the coroutine function that it isn't.
    del made.__wrapped__
    made.__signature__ = signature_of(fn)
    return shell


def _in_async_code(fn: Callable[..., Any]) -> OutsideBridge:
    name = getattr(fn, "__qualname__", repr(fn))
    return OutsideBridge(
        f"{name}() was called in async code, outside the bridge.",
        "It is a plain function over the database: it would stop the event loop.",
        f"Write `await bridge({name}, ...)`.",
    )


def _waited(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    _readable(args, kwargs)
    args, kwargs = awaitable_sessions(args, kwargs)
    return wait(fn(*args, **kwargs))


def _readable(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Read again what a commit has expired: `fn` can't do it when it reads a column."""
    if in_bridge():
        for value in (*args, *kwargs.values()):
            reload_now(value)


def _stepped(
    fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[Any]:
    _readable(args, kwargs)
    args, kwargs = awaitable_sessions(args, kwargs)
    yield from unbridge_iter(fn(*args, **kwargs))
