"""What a task of the event loop has left open is closed when it ends, as Python did for a sync driver.

A connection of an async driver that the garbage collector finds is cut off; one of a sync driver goes
back to its pool, and lives on there.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from sqlalchemy import Connection
from sqlalchemy.orm import Session
from sqlalchemy.util.concurrency import greenlet_spawn

_held: WeakKeyDictionary[asyncio.Task[object], list[Connection]] = WeakKeyDictionary()
# A loop keeps only weak references to its tasks.
_closing: set[asyncio.Task[None]] = set()


def hold(connection: Connection) -> Connection:
    """Keep a connection until the task at hand ends, and close it then."""
    task = asyncio.current_task()
    if task is not None:
        if task not in _held:
            task.add_done_callback(_release)
        _held.setdefault(task, []).append(connection)
    return connection


def close_in_loop(task: asyncio.Task[object], opened: Session | Connection) -> None:
    """Close it on the event loop of a task that has ended."""
    loop = task.get_loop()
    if loop.is_running():
        _closing.add(closing := loop.create_task(greenlet_spawn(opened.close)))
        closing.add_done_callback(_closing.discard)


def _release(task: asyncio.Task[object]) -> None:
    for connection in _held.pop(task, ()):
        if not connection.closed:
            close_in_loop(task, connection)


__all__ = ["close_in_loop", "hold"]
