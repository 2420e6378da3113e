"""Locks whose waiting lets other requests go on: `threading.Lock` and `threading.RLock` for tasks and threads.

https://docs.python.org/3/library/threading.html#lock-objects
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import Future
from types import TracebackType

from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.bridge import in_greenlet
from migrator.runtime.threads.waiting import until
from migrator.runtime.threads.whose import Task, task_at_hand


class _Entered:
    """What `with` does to a lock."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        raise NotImplementedError

    def release(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


class Lock(_Entered):
    """`threading.Lock`: held by whoever acquired it, a task or a thread, and released by anybody.

    Who waits gets it in the order of asking.
    """

    def __init__(self) -> None:
        # Held for a few statements at a time, none of which waits.
        self._mutex = threading.Lock()
        self._taken = False
        #: Whether a task holds it, or will before who asks now.
        self._by_task = False
        self._waiting: deque[Future[None]] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it; False where it is taken and there is no (more) time to wait."""
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if timeout < 0 and timeout != -1:
            raise ValueError("timeout value must be a non-negative number")
        if timeout > threading.TIMEOUT_MAX:
            raise OverflowError("timeout value is too large")
        by_task = on_loop()
        with self._mutex:
            if not self._taken:
                self._taken, self._by_task = True, by_task
                return True
            if not blocking:
                return False
            turn: Future[None] = Future()
            self._waiting.append(turn)
            blocks = not (by_task and (self._by_task or in_greenlet()))
            self._by_task = self._by_task or by_task
        try:
            _wait_for(turn, None if timeout == -1 else timeout, blocks)
        except BaseException as error:
            with self._mutex:
                given = turn not in self._waiting
                if not given:
                    self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                # It may have come at the last moment.
                return given
            if given:
                self.release()
            raise
        return True

    def release(self) -> None:
        """Hand it to whoever has waited longest. Raises RuntimeError where nobody holds it."""
        with self._mutex:
            if not self._taken:
                raise RuntimeError("release unlocked lock")
            if self._waiting:
                turn = self._waiting.popleft()
            else:
                self._taken = False
                return
        turn.set_result(None)

    def locked(self) -> bool:
        """Whether somebody holds it."""
        return self._taken

    def __repr__(self) -> str:
        return _shown(self, self._taken)


class RLock(_Entered):
    """`threading.RLock`: the task or the thread that holds it may take it again."""

    def __init__(self) -> None:
        self._block = Lock()
        self._owner: object = None
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, once more where it is one's own; False as `Lock.acquire`."""
        me = _me()
        if self._owner == me:
            self._count += 1
            return True
        if not self._block.acquire(blocking, timeout):
            return False
        self._owner, self._count = me, 1
        return True

    def release(self) -> None:
        """Give it back once. Raises RuntimeError where it is not one's own."""
        if self._owner != _me():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None
            self._block.release()

    def locked(self) -> bool:
        """Whether somebody holds it. Python's has it since 3.14, where a Condition asks for it."""
        return self._count > 0

    def __repr__(self) -> str:
        owner = self._owner if isinstance(self._owner, int) else id(self._owner)
        held = f" owner={owner if self.locked() else 0} count={self._count}"
        return _shown(self, self.locked(), held)

    # What threading.Condition asks of its lock.

    def _is_owned(self) -> bool:
        return self._owner == _me()

    def _release_save(self) -> tuple[object, int]:
        state = self._owner, self._count
        self._owner, self._count = None, 0
        self._block.release()
        return state

    def _acquire_restore(self, state: tuple[object, int]) -> None:
        self._block.acquire()
        self._owner, self._count = state


def _me() -> int | Task:
    """Who asks. A request's own tasks keep each other out, as threads that it starts do."""
    return task_at_hand() or threading.get_ident()


def _wait_for(turn: Future[None], seconds: float | None, blocks: bool) -> None:
    if blocks:
        turn.result(seconds)
        return
    # Shielded: that nobody waits any more is told by leaving the queue.
    until(asyncio.wait_for(asyncio.shield(asyncio.wrap_future(turn)), seconds))


def _shown(lock: object, taken: bool, held: str = "") -> str:
    cls = type(lock)
    state = "locked" if taken else "unlocked"
    return f"<{state} {cls.__module__}.{cls.__qualname__} object{held} at {id(lock):#x}>"
