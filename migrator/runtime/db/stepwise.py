"""`enumerate` and `zip` of async iterables, which take their items at the same moments."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
_END: Any = object()


async def enumerate_async(items: AsyncIterable[T], start: int = 0) -> AsyncIterator[tuple[int, T]]:
    """`enumerate(items, start)`."""
    number = start
    async for item in items:
        yield number, item
        number += 1


async def zip_async(*sources: AsyncIterable[Any] | Iterable[Any]) -> AsyncIterator[tuple[Any, ...]]:
    """`zip(*sources)`: one item of each in turn, until one has none left; any may be a sync one."""
    iterators = [aiter(s) if isinstance(s, AsyncIterable) else iter(s) for s in sources]
    while True:
        row = []
        for iterator in iterators:
            if isinstance(iterator, AsyncIterator):
                item = await anext(iterator, _END)
            else:
                item = next(iterator, _END)
            if item is _END:
                return
            row.append(item)
        yield tuple(row)
