"""The threads that run the legacy application: few, named, and never in the way of an exit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

from migrator.runtime.told import get_logger

log = get_logger("migrator.mount")

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Job = Callable[[], object]


class WorkerPool(Executor):
    """At most `workers` threads, started as they are needed.

    Not a `ThreadPoolExecutor`, because the interpreter joins that one's threads when it exits: one
    view stuck in a slow call then keeps the process alive after SIGTERM. Ours are daemon threads;
    `close` waits for them as long as it is told and then says which work it leaves behind.
    """

    def __init__(self, workers: int, *, name: str = "legacy") -> None:
        if workers < 1:
            raise ValueError(f"workers must be at least 1, not {workers}")
        self.workers = workers
        self._name = name
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._pending = 0  # jobs that are queued or running
        self._started = 0

    @property
    def pending(self) -> int:
        """How many jobs are queued or running."""
        return self._pending

    @property
    def threads(self) -> int:
        """How many threads are alive."""
        with self._lock:
            return len(self._threads)

    def run(self, job: _Job) -> None:
        """Run `job` in a thread; nobody waits for it. An exception is logged."""
        with self._lock:
            self._pending += 1
            if self._pending > len(self._threads) and len(self._threads) < self.workers:
                self._started += 1
                thread = threading.Thread(
                    target=self._work,
                    args=(self._jobs,),
                    name=f"{self._name}-{self._started}",
                    daemon=True,
                )
                self._threads.add(thread)
                thread.start()
            self._jobs.put(job)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """`concurrent.futures.Executor.submit`."""
        future: Future[_T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:
                future.set_exception(error)

        self.run(job)
        return future

    def close(self, timeout: float | None = None) -> bool:
        """Let the threads finish what is queued and stop; True when all did within `timeout` seconds.

        The pool is usable afterwards: the next job starts new threads.
        """
        with self._lock:
            threads, jobs, pending = self._threads, self._jobs, self._pending
            self._threads, self._jobs, self._pending = set(), SimpleQueue(), 0
        for _ in threads:
            jobs.put(None)
        deadline = None if timeout is None else time.monotonic() + timeout
        for thread in threads:
            thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        left = sorted(thread.name for thread in threads if thread.is_alive())
        if left:
            log.warning(
                "%d of %d legacy requests had not ended %s s after shutdown and are abandoned (%s)",
                len(left),
                pending,
                timeout,
                ", ".join(left),
            )
        return not left

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """`concurrent.futures.Executor.shutdown`; queued jobs are always run."""
        self.close(None if wait else 0.0)

    def _work(self, jobs: SimpleQueue[_Job | None]) -> None:
        while (job := jobs.get()) is not None:
            try:
                job()
            except BaseException:
                log.exception("A job of the legacy application's pool failed")
            finally:
                # A closed pool has a new queue and counts from zero.
                with self._lock:
                    if jobs is self._jobs:
                        self._pending -= 1
            del job
        with self._lock:
            self._threads.discard(threading.current_thread())
