"""Requests by Starlette's TestClient, which starts a loop in a thread, are answered on the run's loop.

Connexion's `test_client()` gives one. The client itself blocks its thread until the application is done: it is given
one for the length of a request, and the test waits in the bridge.

https://www.starlette.io/testclient/
"""

from __future__ import annotations

import asyncio
import inspect
import warnings
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any

from anyio import from_thread

from migrator.runtime.db import in_bridge, unbridge
from migrator.runtime.left_open import handed_on

#: The loop for which a thread of ours sends a request.
_SENDING: ContextVar[AbstractEventLoop | None] = ContextVar("_SENDING", default=None)


@contextmanager
def shared_portals(loop: AbstractEventLoop) -> Iterator[None]:
    """Let portals that are started where `loop` runs, and TestClient's requests, be of `loop`."""
    with ExitStack() as stack:
        _replace(stack, from_thread, "start_blocking_portal", _portals_of(loop))
        with suppress(ImportError, RuntimeError), warnings.catch_warnings():
            # Starlette says which HTTP client it misses, or would rather have.
            warnings.simplefilter("ignore")
            from starlette.testclient import _TestClientTransport

            _replace(stack, _TestClientTransport, "handle_request", _threaded(loop))
        yield


def _replace(
    stack: ExitStack, owner: Any, name: str, made: Callable[[Callable[..., Any]], Any]
) -> None:
    original = getattr(owner, name)
    stack.callback(setattr, owner, name, original)
    setattr(owner, name, made(original))


def _runs_here(loop: AbstractEventLoop) -> bool:
    return asyncio._get_running_loop() is loop and in_bridge()


class _Portal:
    """What of anyio's BlockingPortal its callers use, on a loop that runs already."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._begun: set[Future[Any]] = set()

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        return self._wait(self.start_task_soon(function, *args))

    def start_task_soon(
        self, function: Callable[..., Any], *args: Any, name: object = None
    ) -> Future[Any]:
        begun = asyncio.run_coroutine_threadsafe(_run(function, args), self._loop)
        self._begun.add(begun)
        begun.add_done_callback(self._begun.discard)
        return begun

    def start_task(
        self, function: Callable[..., Any], *args: Any, name: object = None
    ) -> tuple[Future[Any], Any]:
        started = _Started()
        begun = self.start_task_soon(_starting, function, args, started)
        return begun, self._wait(started)

    def _wait(self, future: Future[Any]) -> Any:
        if _runs_here(self._loop):
            return unbridge(asyncio.wrap_future(future, loop=self._loop))
        return future.result()

    def close(self, *, cancel: bool) -> None:
        """As anyio's: what was begun is waited for, or cancelled."""
        for begun in list(self._begun):
            if cancel:
                begun.cancel()
            with suppress(BaseException):  # its future has told whoever asked for it
                self._wait(begun)


class _Started(Future[Any]):
    """anyio's `task_status`, too."""

    def started(self, value: Any = None) -> None:
        self.set_result(value)


async def _run(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    result = function(*args)
    return await result if inspect.isawaitable(result) else result


async def _starting(function: Callable[..., Any], args: tuple[Any, ...], started: _Started) -> Any:
    try:
        return await function(*args, task_status=started)
    except BaseException as failure:
        if not started.done():
            started.set_exception(failure)
        raise


def _portals_of(loop: AbstractEventLoop) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def made(original: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def start_blocking_portal(*args: Any, **kwargs: Any) -> Iterator[Any]:
            if not (_runs_here(loop) or _SENDING.get() is loop):
                with original(*args, **kwargs) as portal:
                    yield portal
                return
            own = _Portal(loop)
            try:
                yield own
            except BaseException:
                own.close(cancel=True)
                raise
            own.close(cancel=False)

        return start_blocking_portal

    return made


def _threaded(loop: AbstractEventLoop) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def made(original: Callable[..., Any]) -> Callable[..., Any]:
        def whole(transport: Any, request: Any) -> Any:
            _SENDING.set(loop)
            with handed_on():
                response = original(transport, request)
                # The end of the body blocks the thread as well.
                response.read()
            return response

        @wraps(original)
        def handle_request(transport: Any, request: Any) -> Any:
            if not _runs_here(loop):
                return original(transport, request)
            return unbridge(asyncio.to_thread(whole, transport, request))

        return handle_request

    return made
