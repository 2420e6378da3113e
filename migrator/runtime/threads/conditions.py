"""What Python builds on a lock and a condition, on the ones of this package.

`threading` and `queue` write these in Python over a `Condition`, which they keep as `_cond`, or as the
public attributes of a queue. https://docs.python.org/3/library/threading.html#condition-objects
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from migrator.runtime.threads.locks import Lock, RLock

T = TypeVar("T")


class Condition(threading.Condition):
    """`threading.Condition`, whose waiting lets other requests go on."""

    def __init__(self, lock: Lock | RLock | None = None) -> None:
        super().__init__(RLock() if lock is None else lock)  # type: ignore[arg-type]  # any lock

    def wait(self, timeout: float | None = None) -> bool:
        """Give the lock up until somebody notifies; False where the time is over first."""
        if not self._is_owned():  # type: ignore[attr-defined]
            raise RuntimeError("cannot wait on un-acquired lock")
        waiter = Lock()
        waiter.acquire()
        self._waiters.append(waiter)  # type: ignore[attr-defined]
        saved = self._release_save()  # type: ignore[attr-defined]
        notified = False
        try:
            notified = waiter.acquire(timeout=-1 if timeout is None else max(timeout, 0))
            return notified
        finally:
            self._acquire_restore(saved)  # type: ignore[attr-defined]
            if not notified and waiter in self._waiters:  # type: ignore[attr-defined]
                self._waiters.remove(waiter)  # type: ignore[attr-defined]


class Semaphore(threading.Semaphore):
    """`threading.Semaphore`, whose waiting lets other requests go on."""

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)
        self._cond = Condition(Lock())


class BoundedSemaphore(threading.BoundedSemaphore):
    """`threading.BoundedSemaphore`, whose waiting lets other requests go on."""

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)
        self._cond = Condition(Lock())


class Event(threading.Event):
    """`threading.Event`, whose waiting lets other requests go on."""

    def __init__(self) -> None:
        super().__init__()
        self._cond = Condition(Lock())


class Barrier(threading.Barrier):
    """`threading.Barrier`, whose waiting lets other requests go on."""

    def __init__(
        self,
        parties: int,
        action: Callable[[], None] | None = None,
        timeout: float | None = None,
    ) -> None:
        super().__init__(parties, action, timeout)
        self._cond = Condition(Lock())


class Queue(queue.Queue[T]):
    """`queue.Queue`, whose waiting lets other requests go on."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self.mutex = Lock()  # type: ignore[assignment]  # whatever locks
        self.not_empty = Condition(self.mutex)  # type: ignore[arg-type]
        self.not_full = Condition(self.mutex)  # type: ignore[arg-type]
        self.all_tasks_done = Condition(self.mutex)  # type: ignore[arg-type]


class LifoQueue(Queue[T], queue.LifoQueue[T]):
    """`queue.LifoQueue`, whose waiting lets other requests go on."""


class PriorityQueue(Queue[Any], queue.PriorityQueue[Any]):
    """`queue.PriorityQueue`, whose waiting lets other requests go on."""


class SimpleQueue(Queue[T]):
    """`queue.SimpleQueue`, whose waiting lets other requests go on."""

    def __init__(self) -> None:
        super().__init__()
