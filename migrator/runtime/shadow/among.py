"""Several requests to one application at once: on its event loop, or on threads as WSGI servers have them."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
A = TypeVar("A")
#: How long the event loop may stand still, and how long one request may take, in seconds.
STILL, LONG = 10.0, 60.0
#: After so many times, what has not been sent yet is not.
_OFTEN = 3


class Stuck(BaseException):
    """The event loop stood still: what waits in this request, waits for another one."""


class Router(logging.Handler):
    """Hands each record to the handler of the request that it was logged in."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.of_request: ContextVar[logging.Handler | None] = ContextVar("of_request", default=None)

    def __enter__(self) -> Router:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        handler = self.of_request.get()
        if handler is not None:
            handler.emit(record)


def on_threads(ask: Callable[[T], R], given: Sequence[T], together: int) -> list[R]:
    """What `ask` gives for each, `together` at a time."""
    with ThreadPoolExecutor(together) as threads:
        return list(threads.map(ask, given))


async def on_the_loop(
    ask: Callable[[T, Watch], Awaitable[R]], given: Sequence[T], together: int
) -> list[R]:
    """What `ask` gives for each, `together` at a time, each in a task of its own."""
    free = asyncio.Semaphore(together)
    watch = Watch()

    async def one(item: T) -> R:
        async with free:
            return await ask(item, watch)

    with watch.running():
        return list(await asyncio.gather(*map(one, given)))


class Watch:
    """Interrupts what keeps the event loop standing still for long: a lock that a paused request holds, say.

    Python runs signals' handlers in the main thread alone; elsewhere, and on Windows, nobody watches.
    """

    def __init__(self) -> None:
        self._interrupted = 0

    async def answered(
        self, asking: Coroutine[Any, Any, tuple[A, BaseException | None]]
    ) -> tuple[A | None, BaseException | None]:
        """The answer, or why there is none: it took too long, or stopped everybody."""
        if self._interrupted >= _OFTEN:
            asking.close()
            return None, Stuck(
                "not sent: the event loop had stood still too often, among other requests"
            )
        try:
            return await asyncio.wait_for(asking, LONG)
        except TimeoutError:
            return None, TimeoutError(f"no answer within {LONG:.0f} seconds, among other requests")
        except Stuck as stuck:
            return None, stuck

    def _interrupt(self, number: int, frame: object) -> None:
        self._interrupted += 1
        signal.setitimer(signal.ITIMER_REAL, STILL)
        raise Stuck(f"the event loop stood still for {STILL:.0f} seconds, among other requests")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch the running loop during the block."""
        main = threading.current_thread() is threading.main_thread()
        if not main or not hasattr(signal, "setitimer"):
            yield
            return
        before = signal.signal(signal.SIGALRM, self._interrupt)
        beat = asyncio.ensure_future(_beat())
        try:
            yield
        finally:
            beat.cancel()
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


async def _beat() -> None:
    while True:
        signal.setitimer(signal.ITIMER_REAL, STILL)
        await asyncio.sleep(STILL / 20)
