"""aiosqlite logs each of its steps (DEBUG), where sqlite3 logs nothing: no test that compares a log expects them.

https://github.com/omnilib/aiosqlite/blob/main/aiosqlite/core.py
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_drivers() -> Iterator[None]:
    """Keep the driver's steps out of the root logger's DEBUG, unless its own level was set."""
    log = logging.getLogger("aiosqlite")
    level = log.level
    if level == logging.NOTSET:
        log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
