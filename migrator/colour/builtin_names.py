"""What Python's containers and generators can be asked for: what a list is asked for beside is of another kind."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Generator

OF_CONTAINERS = frozenset(
    name
    for kind in (Counter, Generator, defaultdict, deque, dict, frozenset, list, set, tuple)
    for name in dir(kind)
)
