"""Bounds of slices are what a legacy query makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.runtime.db import bounds, position

NUMBERS = list(range(12))
BOUND = st.none() | st.integers(-5, 15)


def sliced(start: Any, stop: Any) -> list[int]:
    """What OFFSET and LIMIT of `select.slice(start, stop)` leave."""
    return NUMBERS[start:stop]


@given(start=BOUND, stop=BOUND)
def test_a_slice_is_pythons_or_raises(start: int | None, stop: int | None) -> None:
    empty = start is not None and stop is not None and stop <= start
    negative = any(bound is not None and bound < 0 for bound in (start, stop))
    if empty:
        assert sliced(*bounds(start, stop)) == []
    elif negative:
        with pytest.raises(IndexError, match="negative indexes"):
            bounds(start, stop)
    else:
        assert sliced(*bounds(start, stop)) == NUMBERS[start:stop]


@pytest.mark.parametrize("index", [0, 3, True])
def test_an_index_takes_one(index: int) -> None:
    assert sliced(*position(index)) == [NUMBERS[index]]


@pytest.mark.parametrize("index", [-1, -2])
def test_a_negative_index_raises(index: int) -> None:
    with pytest.raises(IndexError):
        position(index)


def test_sql_expressions_pass() -> None:
    bound = object()
    assert bounds(bound, None) == (bound, None)
