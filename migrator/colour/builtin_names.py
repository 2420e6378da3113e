"""What Python's own objects can be asked for: what they are asked for beside is of another kind."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Generator
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from uuid import UUID

OF_CONTAINERS = frozenset(
    name
    for kind in (Counter, Generator, defaultdict, deque, dict, frozenset, list, set, tuple)
    for name in dir(kind)
)
#: What plain data can be asked for.
OF_DATA = OF_CONTAINERS.union(
    *map(
        dir,
        (
            BytesIO, Decimal, Path, Queue, SimpleNamespace, StringIO, UUID, bytes, datetime, float,
            str, timedelta,
        ),
    )
)  # fmt: skip
