"""Python's slices as LIMIT and OFFSET, with the checks that a legacy query makes around them.

Facts: SQLAlchemy's `orm/util.py`, `_getitem`.
"""

from __future__ import annotations

import operator
from typing import Any


def bounds(start: Any = None, stop: Any = None) -> tuple[Any, Any]:
    """The arguments of `select.slice()` for `query[start:stop]`.

    An empty slice selects nothing, whatever its bounds are. Raises IndexError for a negative bound.
    """
    start, stop = _number(start), _number(stop)
    numbers = [bound for bound in (start, stop) if isinstance(bound, int)]
    if len(numbers) == 2 and stop <= start:
        return 0, 0
    if any(number < 0 for number in numbers):
        raise IndexError("negative indexes are not accepted by SQL index / slice operators")
    return start, stop


def position(index: Any) -> tuple[Any, Any]:
    """The arguments of `select.slice()` for `query[index]`. Raises IndexError for a negative one."""
    return bounds(index, index + 1)


def _number(bound: Any) -> Any:
    return operator.index(bound) if hasattr(bound, "__index__") else bound
