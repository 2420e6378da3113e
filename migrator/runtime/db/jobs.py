"""The job at hand in a converted task: Celery's `self.request` and `current_task`, RQ's `get_current_job()`.

Both keep it by greenlet, for each of gevent's may be a job of its own. The bridge's greenlets are all
of whoever waits for them: asked there, a task had no id, no headers, and `self.retry()` retried nothing.

https://github.com/celery/celery/blob/main/celery/utils/threads.py
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from greenlet import getcurrent

#: Where the two have Werkzeug's `Local` of old.
_LOCALS = ("celery.utils.threads", "rq.local")


def whose_job() -> object:
    """The task of the event loop where requests take turns, or else the greenlet that waits for us."""
    from migrator.runtime.db.alone import on_loop
    from migrator.runtime.db.bridge import is_ours

    if on_loop():
        return asyncio.current_task()
    greenlet: Any = getcurrent()
    while is_ours(greenlet):
        greenlet = greenlet.parent
    return greenlet


class _Whose:
    """Stands for the slot in which a `Local` keeps the function that it asks."""

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        return whose_job

    def __set__(self, instance: object, function: object) -> None:
        """What `Local()` sets is no other function."""


def know_jobs() -> None:
    """From now on what is loaded of the two asks `whose_job`, in what it has kept already as well."""
    for name in _LOCALS:
        local = getattr(sys.modules.get(name), "Local", None)
        if local is not None and not isinstance(
            vars(local).get("__ident_func__", _Whose()), _Whose
        ):
            local.__ident_func__ = _Whose()
