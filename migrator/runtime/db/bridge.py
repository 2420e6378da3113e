"""Sync ORM code over the async driver: SQLAlchemy's greenlet bridge, in both directions.

`bridge` runs a sync function in a greenlet on the event loop's own thread (it is not a thread
pool: what blocks there, blocks the loop). Inside it the driver's awaits are done by switching to
the greenlet's parent, and `unbridge` does the same for any awaitable.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import ParamSpec, TypeVar, cast

from greenlet import getcurrent
from sqlalchemy.ext.asyncio import async_session
from sqlalchemy.orm import Session
from sqlalchemy.util.concurrency import await_only, greenlet_spawn

from migrator.runtime.db.alone import Alone
from migrator.runtime.db.errors import OutsideBridge
from migrator.runtime.db.handled import awaited_within, handling, within
from migrator.runtime.db.parameters import is_made

P = ParamSpec("P")
T = TypeVar("T")

# On a greenlet that drives native coroutines (see implicit.py): SQLAlchemy may do I/O in it, but
# the code that runs in it is async code.
NATIVE = "_migrator_native"

# Flags of a code object: the functions that can await.
_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR | inspect.CO_ITERABLE_COROUTINE
# Modules between the code that asks and the runtime: a context is entered through Flask's class.
_NOT_THE_CALLER = ("migrator.runtime.", "flask.ctx")
# Code inside of a function that is not a function of its own.
_PART_OF_A_FUNCTION = re.compile(r".*<locals>\.<(lambda|genexpr|listcomp|setcomp|dictcomp)>")


def in_greenlet() -> bool:
    """Whether the driver's I/O can be awaited from sync code here."""
    return is_ours(getcurrent())


def is_ours(greenlet: object) -> bool:
    """Whether it was made for the driver's I/O, by SQLAlchemy's bridge or this one."""
    return getattr(greenlet, "__sqlalchemy_greenlet_provider__", False)


def in_bridge() -> bool:
    """Whether this is sync code that the bridge (or SQLAlchemy itself, for an event) runs.

    Where the scope says so, plain functions that native code calls through somebody else's are such
    code as well: a user loader that `logout_user()` runs, a form's validator, a signal's receiver.
    """
    if not in_greenlet():
        return False
    return not getattr(getcurrent(), NATIVE, False) or _called_plainly()


def _called_plainly() -> bool:
    """Whether a plain function asks in a scope that lets those wait."""
    from migrator.runtime.db.scope import current_scope

    scope = current_scope()
    return scope is not None and scope.plain_callers and called_plainly()


def _waits_without_scope() -> bool:
    """Whether a plain function asks where there are but sessions of the application's own."""
    from migrator.runtime.db.scope import current_scope

    return in_greenlet() and current_scope() is None and called_plainly()


def called_plainly() -> bool:
    """Whether what called the runtime is a plain function, not one that can await."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (
        is_made(frame.f_code)
        or _PART_OF_A_FUNCTION.fullmatch(frame.f_code.co_qualname)
        or str(frame.f_globals.get("__name__")).startswith(_NOT_THE_CALLER)
    ):
        frame = frame.f_back
    return frame is not None and not frame.f_code.co_flags & _ASYNC


def is_awaitable(value: object) -> bool:
    """Whether it is awaited itself; a `LocalProxy`, which has every special method, stands for another object."""
    kind = type(value)
    return hasattr(kind, "__await__") and not hasattr(kind, "_get_current_object")


async def bridge(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run the sync `fn` where the whole sync ORM works: `db.session` is the sync Session there.

    It is the current request's session and transaction. What `fn` raises comes out unchanged. A
    session that it returns is given as the AsyncSession that it is part of.
    """
    # bound first: greenlet_spawn takes a keyword argument of its own
    run = partial(within, handling(), partial(fn, *args, **kwargs))
    found: T = await greenlet_spawn(_run, run)
    return cast(T, async_session(found) or found) if isinstance(found, Session) else found


def _run(fn: Callable[[], T]) -> T:
    """Call `fn` from a frame: what looks at its caller's (to warn of its line, say) finds one."""
    return fn()


def unbridge(awaitable: Awaitable[T]) -> T:
    """Await `awaitable` from sync code: inside the bridge, or where no event loop runs.

    Without a loop (a thread, a script) it runs alone, over the sync driver: see `alone`.
    Raises OutsideBridge in async code; the coroutine is closed then, not forgotten. What needs no
    awaiting is given back.
    """
    if not is_awaitable(awaitable):
        return cast(T, awaitable)
    if asyncio._get_running_loop() is None:
        with Alone() as alone:
            return alone.run(awaitable)
    if not in_bridge() and not _waits_without_scope():
        close = getattr(awaitable, "close", None)
        if close is not None:
            close()
        raise OutsideBridge(
            "unbridge() was called in async code, outside the bridge.",
            "It would stop the event loop: only code that `await bridge(fn)` runs can wait here.",
            "Use `await` in an `async def`, or run the calling function by `await bridge(...)`.",
        )
    return waited(awaitable)


def waited(awaitable: Awaitable[T]) -> T:
    """Await in a greenlet that can wait, as part of what is being handled there."""
    from migrator.runtime.db.implicit import guarded

    error = handling()
    given: list[T] = []
    awaited = guarded(awaitable if error is None else awaited_within(error, awaitable))
    await_only(_into(given, awaited))
    return given.pop()


async def _into(given: list[T], awaitable: Awaitable[T]) -> None:
    """Await `awaitable`; SQLAlchemy's own loop would hold what it gives until the next one is awaited.

    Some objects end when nobody has them any more: a response that streams leaves its request then.
    """
    given.append(await awaitable)


def wait(awaitable: Awaitable[T]) -> T:
    """`unbridge` for what was called plainly, in native code too where a greenlet can wait for it.

    A coroutine that nobody saw to call a plain function over the database is answered all the same.
    """
    if not in_greenlet():
        return unbridge(awaitable)
    return waited(awaitable)
