"""Calling what may be sync or async, where only the run shows which it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session
from sqlalchemy.orm import Query

from migrator.runtime.db.async_sides import awaitable_sessions
from migrator.runtime.db.bridge import bridge, is_awaitable, unbridge
from migrator.runtime.db.reload import reload, reload_now


def sync_side(session: Any) -> Any:
    """The sync Session underneath an AsyncSession or a registry of those; anything else as it is."""
    if isinstance(session, AsyncSession | async_scoped_session):
        return session.sync_session if isinstance(session, AsyncSession) else session().sync_session
    return session


def listened(session: Any) -> Any:
    """The sync Session underneath an AsyncSession, which SQLAlchemy hands over; else what it is.

    It is listened to, and is what `object_session()` gives. A registry is listened to as it is: all of
    its sessions are meant.
    """
    return session.sync_session if isinstance(session, AsyncSession) else session


async def call(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call `fn` from async code: a coroutine function is awaited, any other runs in the bridge.

    What a plain function returns is awaited too when it is awaitable (a partial, a wrapper). An
    instance whose method it is has been loaded again by then, if a commit has expired it.
    """
    if inspect.iscoroutinefunction(fn):
        await reload(getattr(fn, "__self__", None))
        return await fn(*args, **kwargs)
    result = await bridge(fn, *args, **kwargs)
    return await result if is_awaitable(result) else result


async def fetched(value: Any) -> Any:
    """What a loop goes over: the rows of a legacy query, fetched in the bridge; anything else as it is."""
    return await bridge(list, value) if isinstance(value, Query) else value


def call_sync(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call `fn` from sync code inside the bridge; what it returns is awaited when awaitable.

    Raises OutsideBridge for an awaitable outside the bridge.
    """
    if inspect.iscoroutinefunction(fn):
        reload_now(getattr(fn, "__self__", None))
        args, kwargs = awaitable_sessions(args, kwargs)
    result = fn(*args, **kwargs)
    return unbridge(result) if is_awaitable(result) else result
