"""What code that had a thread for each request relied on: locks, data of the thread, waiting.

On an event loop the requests take turns on one thread. A lock of `threading` that is held across an
`await` stops the loop for good when the next request asks for it, one that counts by threads lets
everybody in, and what is kept for the thread is every request's. These have the same names and work
for tasks and for threads at once.
"""

from __future__ import annotations

from .conditions import (
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    LifoQueue,
    PriorityQueue,
    Queue,
    Semaphore,
    SimpleQueue,
)
from .executors import ThreadPoolExecutor, as_completed, wait
from .local import local
from .locks import Lock, RLock
from .waiting import in_thread
from .whose import get_ident

__all__ = [
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "LifoQueue",
    "Lock",
    "PriorityQueue",
    "Queue",
    "RLock",
    "Semaphore",
    "SimpleQueue",
    "ThreadPoolExecutor",
    "as_completed",
    "get_ident",
    "in_thread",
    "local",
    "wait",
]
