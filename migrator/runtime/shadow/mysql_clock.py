"""What each connection of an application's is told on MySQL and MariaDB: the time, and a seed for RAND().

Told when it is taken from the pool, for the first time in a request: session variables know no rollback.
https://mariadb.com/kb/en/server-system-variables/#timestamp
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .raw import execute

_TOLD = "migrator_shadow_step"


class Clock:
    """The time and chance of one side's current request."""

    def __init__(self) -> None:
        self._step = 0
        self._statement = ""

    def step(self, now: datetime, fraction: float) -> None:
        """Begin the next request."""
        self._step += 1
        seeds = (int(fraction * 2**30), int(fraction * 2**60) % 2**30)  # the generator has 30 bits
        self._statement = f"SET timestamp = {now.timestamp():.6f}, rand_seed1 = {seeds[0]}, rand_seed2 = {seeds[1]}"

    def checkout(self, connection: Any, record: Any, proxy: Any) -> None:
        """A listener for a pool's checkout."""
        told = (id(self), self._step)
        if self._statement and record.info.get(_TOLD) != told:
            execute(connection, self._statement)
            record.info[_TOLD] = told
