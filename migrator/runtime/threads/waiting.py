"""Waiting for something else than the database, without keeping the event loop waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.bridge import in_greenlet, waited
from migrator.runtime.db.errors import OutsideBridge

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """`fn(*args, **kwargs)`, in a worker thread where an event loop would stand still meanwhile.

    For sync code: what the bridge runs, and plain functions that native code calls. `fn` sees a copy
    of the context variables. Where no event loop runs, or where no greenlet can wait (a callback of
    the loop's, a task that the code has started itself), it is called here and now.
    """
    if not (on_loop() and in_greenlet()):
        return fn(*args, **kwargs)
    return waited(asyncio.to_thread(fn, *args, **kwargs))


def until(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result, which another request may have to bring about.

    Raises OutsideBridge where the thread would wait for itself.
    """
    if in_greenlet():
        return waited(coroutine)
    coroutine.close()
    raise OutsideBridge(
        "Code on the event loop asked for something that another one holds.",
        "It can't wait here: what would give it up runs on the same thread.",
        "Ask for it in the code of a request, or use the lock of asyncio in a task of your own.",
    )
