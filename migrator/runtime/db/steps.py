"""Async generators and async context managers for sync code: in the bridge, or where no loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

from migrator.runtime.db.alone import Alone
from migrator.runtime.db.bridge import in_bridge, unbridge

T = TypeVar("T")


@contextmanager
def _stepping() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    """How each step is awaited; in async code `unbridge` raises OutsideBridge."""
    if asyncio._get_running_loop() is not None:
        yield unbridge
        return
    with Alone() as alone:
        yield alone.run


def unbridge_iter(items: AsyncIterator[T]) -> Iterator[T]:
    """What an async generator yields, step by step: each is awaited when the next item is asked for.

    What is sent or thrown in gets there, and closing this one closes it.
    """
    assert isinstance(items, AsyncGenerator)
    with _stepping() as step:
        advance: Awaitable[T] = anext(items)
        try:
            while True:
                try:
                    item = step(_awaited(advance))
                except StopAsyncIteration:
                    return
                try:
                    sent = yield item
                except GeneratorExit:
                    raise
                except BaseException as error:
                    advance = items.athrow(error)
                else:
                    advance = items.asend(sent)
        finally:
            # Forgotten in async code, it is the event loop that closes it.
            if in_bridge() or asyncio._get_running_loop() is None:
                step(_awaited(items.aclose()))


@contextmanager
def unbridge_with(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """An async context manager for `with`: entered and left there, errors seen as it sees them."""
    with _stepping() as step:
        value = step(_awaited(manager.__aenter__()))
        try:
            yield value
        except BaseException as error:
            if not step(_awaited(manager.__aexit__(type(error), error, error.__traceback__))):
                raise
        else:
            step(_awaited(manager.__aexit__(None, None, None)))


async def _awaited(awaitable: Awaitable[T]) -> T:
    """A coroutine, whose code is guarded against overlooked loads."""
    return await awaitable
