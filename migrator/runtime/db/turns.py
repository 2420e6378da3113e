"""Pools of the async engine that keep connections for those who hold one already.

Threads were a limit: ten requests, each with a connection and some with a second one, shared a pool of
fifteen. On an event loop any number of requests runs. Fifteen of them would take a connection each,
and those that need another one would wait for each other until `pool_timeout`. So who holds none waits
for a turn, until few enough hold any. A pool that opens connections without a limit (NullPool) gets one
of requests, where the threads were the only one.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Any

from sqlalchemy import exc
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, Pool, QueuePool, SingletonThreadPool
from sqlalchemy.util.concurrency import await_only
from sqlalchemy.util.queue import Full

from migrator.runtime.db.scope import request_scope

#: How many requests hold connections of a pool without a limit, where no setting says it.
_AT_ONCE = 20
#: A pool of fewer connections keeps none back for what has not been seen yet.
_SMALL = 5
#: Seconds that a turn is waited for where the pool has no timeout: SQLAlchemy's default.
_TIMEOUT = 30.0


class _Turns:
    """Who holds connections of a pool, and who waits for a first one."""

    def __init__(self) -> None:
        self._held: Counter[object] = Counter()
        self._owners: dict[int, object] = {}
        self._waiting: deque[tuple[object, asyncio.Future[None]]] = deque()
        #: The most connections that one has asked for at a time.
        self.most = 1

    def enter(self, limit: int, timeout: float) -> object:
        """Who asks; without a connection, it waits until fewer than `limit` hold any.

        Raises TimeoutError.
        """
        if asyncio._get_running_loop() is None:
            return None
        owner = request_scope() or asyncio.current_task()
        if owner in self._held:
            self.most = max(self.most, self._held[owner] + 1)
        elif self._waiting or len(self._held) >= limit:
            self._wait(owner, limit, timeout)
        else:
            self._held[owner] = 0
        return owner

    def _wait(self, owner: object, limit: int, timeout: float) -> None:
        entry = owner, asyncio.get_running_loop().create_future()
        self._waiting.append(entry)
        try:
            await_only(_come(entry[1], timeout))
        except BaseException:
            if entry in self._waiting:
                self._waiting.remove(entry)
            else:  # its turn has come at the last moment: the next one's
                self.failed(owner)
                self.call(limit)
            raise

    def took(self, owner: object, record: Any) -> None:
        """`owner` has been given a connection."""
        self._owners[id(record)] = owner
        self._held[owner] += 1

    def failed(self, owner: object) -> None:
        """`owner` was let in, and got none."""
        if not self._held[owner]:
            del self._held[owner]

    def gave(self, record: Any) -> None:
        """The connection has come back."""
        owner = self._owners.pop(id(record), None)
        self._held[owner] -= 1
        if self._held[owner] <= 0:
            del self._held[owner]

    def call(self, limit: int) -> None:
        """Let in who has waited longest, as many as there is room for, and who holds one by now."""
        for entry in list(self._waiting):
            owner, turn = entry
            if owner in self._held or len(self._held) < limit:
                self._waiting.remove(entry)
                self._held[owner] += 0
                turn.get_loop().call_soon_threadsafe(_settle, turn)


async def _come(turn: asyncio.Future[None], seconds: float) -> None:
    # Python 3.11's wait_for() forgets a cancellation that meets the result.
    async with asyncio.timeout(seconds):
        await turn


def _settle(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)


class TurnsPool(Pool):
    """What the two pools have in common."""

    #: Where their loggers are looked for, by the name of the class.
    __module__ = "sqlalchemy.pool.impl"
    #: How many requests may hold connections at a time, by a setting.
    at_once: int | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turns = _Turns()

    def recreate(self) -> Any:
        made: Any = super().recreate()
        made.at_once = self.at_once
        return made

    def _do_get(self) -> Any:
        try:
            owner = self._turns.enter(self._limit(), self._patience())
        except TimeoutError:
            raise exc.TimeoutError(self._too_late(), code="3o7r") from None
        try:
            record = super()._do_get()
        except BaseException:
            self._turns.failed(owner)
            self._turns.call(self._limit())
            raise
        self._turns.took(owner, record)
        return record

    def _do_return_conn(self, record: Any) -> None:
        try:
            self._give_back(record)
        finally:
            self._turns.gave(record)
            self._turns.call(self._limit())

    def _give_back(self, record: Any) -> None:
        super()._do_return_conn(record)

    def _limit(self) -> int:
        """How many may hold connections now."""
        return self.at_once or _AT_ONCE

    def _patience(self) -> float:
        return _TIMEOUT

    def _too_late(self) -> str:
        return f"{self._limit()} requests hold connections, timeout {self._patience():.2f}"


class TurnsQueuePool(TurnsPool, AsyncAdaptedQueuePool):
    """Keeps a connection for whoever holds one and needs another; once some do, a third of them all."""

    __module__ = "sqlalchemy.pool.impl"

    def _give_back(self, record: Any) -> None:
        try:
            self._pool.put(record, False)
        except Full:
            # Before it is closed, which takes a while here: who asks meanwhile would wait for it.
            self._dec_overflow()
            record.close()

    def _limit(self) -> int:
        if self._max_overflow == -1:
            return super()._limit()
        most, size = self._turns.most, self._pool.maxsize + self._max_overflow
        kept = max(most - 1, size // 3) if most > 1 else int(size >= _SMALL)
        limit = max(1, size - kept)
        return limit if self.at_once is None else min(limit, self.at_once)

    def _patience(self) -> float:
        return self._timeout

    def _too_late(self) -> str:
        return (
            f"QueuePool limit of size {self.size()} overflow {self.overflow()} reached, "
            f"connection timed out, timeout {self._timeout:.2f}"
        )


class TurnsNullPool(TurnsPool, NullPool):
    """As many connections as those need who are let in."""

    __module__ = "sqlalchemy.pool.impl"


#: What takes the place of SQLAlchemy's pools in an async engine.
_IN_PLACE_OF: dict[type[Pool] | None, type[Pool]] = {
    QueuePool: TurnsQueuePool,
    AsyncAdaptedQueuePool: TurnsQueuePool,
    NullPool: TurnsNullPool,
    # A connection for each thread: here a request has it for as long as it needs one.
    SingletonThreadPool: TurnsQueuePool,
}


def with_turns(pool: type[Pool] | None) -> type[Pool] | None:
    """The pool class of an async engine in the place of `pool`."""
    return _IN_PLACE_OF.get(pool, pool)


__all__ = ["TurnsPool", "with_turns"]
