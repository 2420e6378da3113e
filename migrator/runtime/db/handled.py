"""What is being handled goes along where a greenlet is entered or left.

`sys.exc_info()`, a bare `raise` and `logger.exception()` ask for it, and each greenlet has its own.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def handling() -> BaseException | None:
    """The exception that the code at hand handles."""
    return sys.exc_info()[1]


def within(error: BaseException | None, fn: Callable[[], T]) -> T:
    """Call `fn` as code that handles `error` does."""
    if error is None:
        return fn()
    traceback = error.__traceback__
    try:
        raise error
    except BaseException:
        error.__traceback__ = traceback
        return fn()


async def awaited_within(error: BaseException, awaitable: Awaitable[T]) -> T:
    """Await as code that handles `error` does."""
    traceback = error.__traceback__
    try:
        raise error
    except BaseException:
        error.__traceback__ = traceback
        return await awaitable


__all__ = ["awaited_within", "handling", "within"]
