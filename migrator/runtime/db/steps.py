"""Generators and context managers across the bridge, in both directions.

`unbridge_iter` and `unbridge_with` give async ones to sync code: in the bridge, or where no loop runs.
`bridge_iter` and `bridge_with` give sync ones, which reach the database, to async code.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
)
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from migrator.runtime.db.alone import Alone
from migrator.runtime.db.bridge import bridge, in_bridge, wait

T = TypeVar("T")
_END: Any = object()


@contextmanager
def _stepping() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    """How each step is awaited; async code outside of a request gets OutsideBridge."""
    if asyncio._get_running_loop() is not None:
        yield wait
        return
    with Alone() as alone:
        yield alone.run


def unbridge_iter(items: AsyncIterator[T]) -> Iterator[T]:
    """What an async generator yields, step by step: each is awaited when the next item is asked for.

    What is sent or thrown in gets there, and closing this one closes it.
    """
    assert isinstance(items, AsyncGenerator)
    with _stepping() as step:
        advance: Callable[[], Awaitable[T]] = items.__anext__
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
                    advance = partial(items.athrow, error)
                else:
                    advance = partial(items.asend, sent)
        finally:
            # Forgotten in async code, it is the event loop that closes it.
            if in_bridge() or asyncio._get_running_loop() is None:
                step(_awaited(items.aclose))


@contextmanager
def unbridge_with(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """An async context manager for `with`: entered and left there, errors seen as it sees them."""
    with _stepping() as step:
        value = step(_awaited(manager.__aenter__))
        try:
            yield value
        except BaseException as error:
            left = partial(manager.__aexit__, type(error), error, error.__traceback__)
            if not step(_awaited(left)):
                raise
        else:
            step(_awaited(partial(manager.__aexit__, None, None, None)))


async def _awaited(step: Callable[[], Awaitable[T]]) -> T:
    """A coroutine, whose code is guarded against overlooked loads.

    Closed before it starts, it leaves nothing behind that was made and never awaited.
    """
    return await step()


async def bridge_iter(items: Iterable[T]) -> AsyncIterator[T]:
    """The items of a sync iterable for `async for`: each is taken in the bridge when it is asked for."""
    iterator = await bridge(iter, items)
    while (item := await bridge(next, iterator, _END)) is not _END:
        yield item


class bridge_with(AbstractAsyncContextManager[T]):
    """A sync context manager for `async with`: it is entered and left in the bridge."""

    def __init__(self, manager: AbstractContextManager[T]) -> None:
        self._manager = manager

    async def __aenter__(self) -> T:
        return await bridge(self._manager.__enter__)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return await bridge(self._manager.__exit__, kind, error, traceback)
