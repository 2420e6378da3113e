"""How compat runs other people's code: sync functions in the bridge, coroutines on the loop.

A whole request (hooks, view, error handlers, teardown) is plain sync code inside *one* bridge
greenlet, as in Flask. A function that turns out to be a coroutine function is awaited from there:
its native frames then run on the event loop, where `db.session` is the AsyncSession.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CoroutineType
from typing import Any

from sqlalchemy.util.concurrency import await_only

from migrator.runtime.db.bridge import bridge, in_bridge, in_greenlet, unbridge

__all__ = ["bridge", "call", "in_bridge", "unbridge"]


def call(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """`fn`'s result; that of a coroutine is awaited.

    In native code, whose `url_for` calls the application's functions, it runs in a bridge of its
    own. On an event loop without a greenlet nothing can be awaited.
    """
    if in_greenlet() and not in_bridge():
        return await_only(bridge(call, fn, *args, **kwargs))
    result = fn(*args, **kwargs)
    if type(result) is CoroutineType:
        return unbridge(result)
    return result
