"""`any()` and `all()` over async iterables: they ask for no more items than the answer needs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from typing import Any


async def any_of(items: AsyncIterable[Any]) -> bool:
    """Whether one of the items is true; the rest is not asked for, and a generator is closed."""
    return await _found(items, True)


async def all_of(items: AsyncIterable[Any]) -> bool:
    """Whether each of the items is true; the rest is not asked for, and a generator is closed."""
    return not await _found(items, False)


async def _found(items: AsyncIterable[Any], wanted: bool) -> bool:
    if isinstance(items, AsyncGenerator):
        async with aclosing(items):
            return await _met(items, wanted)
    return await _met(items, wanted)


async def _met(items: AsyncIterable[Any], wanted: bool) -> bool:
    async for item in items:
        if bool(item) is wanted:
            return True
    return False
