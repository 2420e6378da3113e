"""Who is at work: what stands for a thread where requests share one."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, TypeAlias

from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.scope import request_scope

Task: TypeAlias = asyncio.Task[Any]


def task_at_hand() -> Task | None:
    """The task that runs; None in a thread of its own, whose loop (if any) serves nobody else."""
    return asyncio.current_task() if on_loop() else None


def get_ident() -> int:
    """`threading.get_ident()`: a number of the request or the task at hand, or else of the thread."""
    task = task_at_hand()
    return threading.get_ident() if task is None else id(request_scope() or task)
