"""Builtins for items that are awaited: `any` and `all` over async iterables, keys that are known.

`any_of` and `all_of` ask for no more items than the answer needs.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from operator import itemgetter
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


def by_key(choose: Callable[..., Any], pairs: list[tuple[Any, Any]], **options: Any) -> Any:
    """What `sorted`, `min` or `max` chooses of the items; `pairs` are each item's key and the item.

    `options` are those of the builtin: `reverse`, or `default`.
    """
    if choose is sorted:
        return [item for _, item in sorted(pairs, key=itemgetter(0), **options)]
    if not pairs and "default" in options:
        return options["default"]
    return choose(pairs, key=itemgetter(0))[1]
