"""What tests run on event loops of their own (`asyncio.run`, pytest-asyncio) runs on the run's loop.

A loop can't be started where one runs, and what the application has open belongs to that one.

https://docs.python.org/3/library/asyncio-runner.html
"""

from __future__ import annotations

import asyncio
import inspect
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from migrator.runtime.db import in_bridge, unbridge

#: What starts a loop: a function, and methods of a runner and of loops.
_STARTING = ((asyncio, "run"), (asyncio.Runner, "run"), (BaseEventLoop, "run_until_complete"))


@contextmanager
def shared_loop(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let what starts a loop run its coroutine on `loop`, where that runs."""
    with ExitStack() as stack:
        for owner, name in _STARTING:
            start = getattr(owner, name)
            stack.callback(setattr, owner, name, start)
            setattr(owner, name, _on(loop, start))
        yield


def _on(loop: asyncio.AbstractEventLoop, start: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(start)
    def shared(*args: Any, **kwargs: Any) -> Any:
        given = args[-1]
        if not in_bridge() or asyncio._get_running_loop() is not loop or asyncio.isfuture(given):
            return start(*args, **kwargs)
        if not inspect.iscoroutine(given):
            return given  # the call that gave it has been awaited
        return unbridge(loop.create_task(given, context=kwargs.get("context")))

    return shared
