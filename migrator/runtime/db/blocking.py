"""A request run to its end for a sync caller: Flask's test client, a WSGI server's thread.

Other than what runs alone (`alone`), it has the async engine, as any request. An async engine's
connections belong to one event loop. So the callers share two: one on the main thread, where it
runs while somebody waits, and one in a thread of its own for everybody else.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import functools
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any, TypeVar, TypeVarTuple, Unpack

from sqlalchemy.util.concurrency import await_only

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class LastingLoop(asyncio.SelectorEventLoop):
    """Can be used until the process is gone, in what `atexit` calls: no thread can be begun there."""

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        try:
            return super().run_in_executor(executor, func, *args)
        except RuntimeError:
            if executor is not None:
                raise
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    async def shutdown_default_executor(self, *timeout: float | None) -> None:
        with suppress(RuntimeError):  # Python 3.12 would begin a thread for that, too
            await super().shutdown_default_executor(*timeout)


class CallersLoop(LastingLoop):
    """Runs what sync callers wait for."""


def run_blocking(
    coroutine: Coroutine[Any, Any, T], context: contextvars.Context | None = None
) -> T:
    """The coroutine's result; it sees a copy of the caller's context variables, or `context`.

    Where an event loop runs in this thread already, it is awaited there by a caller that the bridge
    runs, and any other holds the loop up meanwhile.
    """
    from migrator.runtime.db.bridge import in_greenlet

    context = contextvars.copy_context() if context is None else context
    if in_greenlet():
        return await_only(asyncio.get_running_loop().create_task(coroutine, context=context))
    idle = asyncio._get_running_loop() is None
    if idle and threading.current_thread() is threading.main_thread():
        return _runner().run(coroutine, context=context)
    return _run_elsewhere(coroutine, context)


@functools.cache
def _runner() -> asyncio.Runner:
    runner = asyncio.Runner(loop_factory=CallersLoop)
    atexit.register(runner.close)
    return runner


@functools.cache
def _background() -> asyncio.AbstractEventLoop:
    loop = CallersLoop()
    thread = threading.Thread(target=loop.run_forever, name="migrator-loop", daemon=True)
    thread.start()

    def stop() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    atexit.register(stop)
    return loop


def forget() -> None:
    """Make both loops anew: in a process that was forked off, nobody runs those of its parent."""
    global _starting
    _runner.cache_clear()
    _background.cache_clear()
    _running.clear()
    _starting = threading.Lock()


_starting = threading.Lock()
# A loop keeps only weak references to its tasks.
_running: set[asyncio.Task[None]] = set()


def _run_elsewhere(coroutine: Coroutine[Any, Any, T], context: contextvars.Context) -> T:
    with _starting:
        loop = _background()
    answer: Future[T] = Future()

    async def run() -> None:
        try:
            answer.set_result(await coroutine)
        except BaseException as error:  # sys.exit() must not end the loop of all the others
            answer.set_exception(error)

    def start() -> None:
        _running.add(task := loop.create_task(run(), context=context))
        task.add_done_callback(_running.discard)

    loop.call_soon_threadsafe(start)
    return answer.result()
