"""`ThreadPoolExecutor`, whose results a request waits for while others go on.

https://docs.python.org/3/library/concurrent.futures.html
"""

from __future__ import annotations

import asyncio
import concurrent.futures as futures
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ParamSpec, TypeVar

from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.bridge import in_greenlet, waited
from migrator.runtime.threads.waiting import in_thread

P = ParamSpec("P")
T = TypeVar("T")


class Future(futures.Future[T]):
    """`concurrent.futures.Future`, of this package's executor."""

    def result(self, timeout: float | None = None) -> T:
        """What the call gave. Raises what it raised, TimeoutError and CancelledError."""
        return super().result(_waited([self], timeout))

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the call raised, if anything. Raises TimeoutError and CancelledError."""
        return super().exception(_waited([self], timeout))


class ThreadPoolExecutor(futures.ThreadPoolExecutor):
    """`concurrent.futures.ThreadPoolExecutor`: its futures wait on the event loop."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> futures.Future[T]:
        """The call, to be run by a thread of the pool."""
        future = super().submit(fn, *args, **kwargs)
        # The executor makes them itself; nothing but the methods differs.
        future.__class__ = Future
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end; with `wait`, when they have."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)
        if wait:
            in_thread(super().shutdown)


def wait(
    fs: Iterable[futures.Future[T]],
    timeout: float | None = None,
    return_when: str = futures.ALL_COMPLETED,
) -> futures._base.DoneAndNotDoneFutures[T]:
    """`concurrent.futures.wait`: the futures that are done, and those that are not."""
    given = [*fs]
    return futures.wait(given, _waited(given, timeout, return_when), return_when)


def as_completed(
    fs: Iterable[futures.Future[T]], timeout: float | None = None
) -> Iterator[futures.Future[T]]:
    """`concurrent.futures.as_completed`: each of them when it is done."""
    pending = {*fs}
    count, end = len(pending), None if timeout is None else time.monotonic() + timeout
    while pending:
        left = None if end is None else max(end - time.monotonic(), 0)
        done, pending = wait(pending, left, futures.FIRST_COMPLETED)
        if not done:
            raise TimeoutError(f"{len(pending)} (of {count}) futures unfinished")
        yield from done


def _waited(
    given: Sequence[futures.Future[Any]],
    seconds: float | None,
    return_when: str = futures.ALL_COMPLETED,
) -> float | None:
    """Wait on the loop, if that is where this is; gives what is left of the time to wait."""
    if not (on_loop() and in_greenlet()):
        return seconds

    if not _is_enough(given, return_when):
        waited(_settled(given, seconds, return_when))
    return 0


def _is_enough(given: Sequence[futures.Future[Any]], return_when: str) -> bool:
    done = [future for future in given if future.done()]
    if len(done) == len(given):
        return True
    if return_when == futures.FIRST_EXCEPTION:
        return any(not f.cancelled() and f.exception() is not None for f in done)
    return bool(done) and return_when == futures.FIRST_COMPLETED


async def _settled(
    given: Sequence[futures.Future[Any]], seconds: float | None, return_when: str
) -> None:
    tasks = [asyncio.ensure_future(_done(future)) for future in given]
    done, left = await asyncio.wait(tasks, timeout=seconds, return_when=return_when)
    for task in left:
        task.cancel()
    for task in done:
        task.exception()  # it is the future's, who asks that gets it


async def _done(future: futures.Future[Any]) -> None:
    # Shielded: who stops waiting cancels no call. What it raises counts for FIRST_EXCEPTION.
    with contextlib.suppress(futures.CancelledError):
        await asyncio.shield(asyncio.wrap_future(future))
