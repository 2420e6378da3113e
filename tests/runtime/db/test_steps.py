"""Generators and context managers across the bridge, in both directions, and where no loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from migrator.runtime.db import (
    OutsideBridge,
    all_of,
    any_of,
    bridge,
    bridge_iter,
    bridge_with,
    by_key,
    in_bridge,
    unbridge_iter,
    unbridge_with,
)


async def counted(log: list[object], most: int = 3) -> AsyncIterator[int]:
    try:
        for number in range(most):
            await asyncio.sleep(0)
            log.append(number)
            yield number
    finally:
        await asyncio.sleep(0)
        log.append("closed")


@asynccontextmanager
async def entered(log: list[object]) -> AsyncIterator[str]:
    await asyncio.sleep(0)
    log.append("in")
    try:
        yield "value"
    except KeyError as error:
        log.append(error)
    finally:
        await asyncio.sleep(0)
        log.append("out")


def first_two(log: list[object]) -> list[int]:
    found = []
    for number in unbridge_iter(counted(log)):
        found.append(number)
        log.append(f"took {number}")
        if len(found) == 2:
            break
    log.append("left")
    return found


def raised_inside(log: list[object]) -> None:
    with unbridge_with(entered(log)) as value:
        log.append(value)
        raise KeyError(value)


def raised_through(log: list[object]) -> None:
    with unbridge_with(entered(log)):
        raise ValueError


IN_STEPS = [0, "took 0", 1, "took 1", "closed", "left"]


def test_sync_code_takes_items_one_by_one_and_closes_early() -> None:
    log: list[object] = []
    assert asyncio.run(bridge(first_two, log)) == [0, 1]
    assert log == IN_STEPS


def test_so_it_does_where_no_loop_runs() -> None:
    log: list[object] = []
    assert first_two(log) == [0, 1]
    assert log == IN_STEPS


def test_async_code_cannot_take_them_like_this() -> None:
    async def wrong() -> None:
        next(unbridge_iter(counted([])))

    with pytest.raises(OutsideBridge):
        asyncio.run(wrong())


@pytest.mark.parametrize("alone", [True, False])
def test_an_async_context_manager_sees_the_errors_of_sync_code(alone: bool) -> None:
    log: list[Any] = []
    if alone:
        raised_inside(log)
    else:
        asyncio.run(bridge(raised_inside, log))
    assert log[:2] == ["in", "value"]
    assert repr(log[2]) == "KeyError('value')"
    assert log[3:] == ["out"]
    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        raised_through(log) if alone else asyncio.run(bridge(raised_through, log))


def test_async_code_takes_from_a_generator_in_the_bridge() -> None:
    log: list[object] = []

    def numbers() -> Iterator[int]:
        for number in range(3):
            log.append((number, in_bridge()))
            yield number

    async def main() -> list[int]:
        found = []
        async for number in bridge_iter(numbers()):
            log.append(f"took {number}")
            found.append(number)
        return found

    assert asyncio.run(main()) == [0, 1, 2]
    assert log == [(0, True), "took 0", (1, True), "took 1", (2, True), "took 2"]


def test_a_context_manager_is_entered_and_left_in_the_bridge() -> None:
    log: list[object] = []

    @contextmanager
    def manager() -> Iterator[str]:
        log.append(("in", in_bridge()))
        try:
            yield "value"
        except KeyError:
            log.append(("out", in_bridge()))

    async def main() -> None:
        async with bridge_with(manager()) as value:
            log.append((value, in_bridge()))
            raise KeyError(value)

    asyncio.run(main())
    assert log == [("in", True), ("value", False), ("out", True)]


def test_any_and_all_stop_where_the_builtins_stop() -> None:
    async def main(log: list[object]) -> tuple[bool, bool, bool]:
        return await any_of(counted(log)), await all_of(counted(log)), await any_of(counted(log, 0))

    log: list[object] = []
    assert asyncio.run(main(log)) == (True, False, False)
    assert log == [0, 1, "closed", 0, "closed", "closed"]


def test_items_are_chosen_by_their_keys_alone() -> None:
    pairs = [(2, "b"), (1, object()), (2, "a")]
    assert by_key(sorted, pairs) == [pairs[1][1], "b", "a"]
    assert by_key(sorted, pairs, reverse=True) == ["b", "a", pairs[1][1]]
    assert by_key(max, pairs) == "b"
    assert by_key(min, pairs) is pairs[1][1]
    assert by_key(min, [], default=None) is None
    with pytest.raises(ValueError, match="empty"):
        by_key(max, [])
