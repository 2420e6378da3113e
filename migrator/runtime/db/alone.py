"""Coroutines where no event loop runs: in a thread, a task of a queue, a script, a test.

They get a loop of their own, which serves nothing else and may therefore block, and the sync
driver under an AsyncSession: that of the open SyncScope, so that sync and async code share one
transaction, or of a `Job`. The async engine's pool belongs to the loop that serves requests.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable
from typing import TypeVar

from migrator.runtime.db.blocking import CallersLoop, LastingLoop
from migrator.runtime.db.forgotten import Watch
from migrator.runtime.db.jobs import know_jobs
from migrator.runtime.db.scope import Job, SyncScope, current_scope, is_scope

T = TypeVar("T")
_UNSET = object()


class OwnLoop(LastingLoop):
    """Runs the coroutines of one call."""


def is_alone() -> bool:
    """Whether the event loop that runs here serves nothing but a sync caller's session."""
    loop = asyncio._get_running_loop()
    if isinstance(loop, CallersLoop):
        return isinstance(current_scope(), SyncScope)
    return isinstance(loop, OwnLoop)


def on_loop() -> bool:
    """Whether blocking here would keep others waiting."""
    return asyncio._get_running_loop() is not None and not is_alone()


class Alone:
    """Opens with `with`: coroutines run one after the other, in one context and one scope."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=OwnLoop)
        self._context = contextvars.copy_context()
        self._job: Job | None = None

    def __enter__(self) -> Alone:
        know_jobs()
        if not isinstance(current_scope(), SyncScope):
            # A request's scope, in a thread that was given its context, is the event loop's.
            self._job = self._context.run(Job().open)
        return self

    def run(self, awaitable: Awaitable[T]) -> T:
        """The awaitable's result; raises NeverAwaited where it forgot to await something."""

        # Plain functions over the database that it calls without an await wait as in a request.
        from migrator.runtime.db.implicit import guarded

        async def main() -> T:
            with Watch() as watch:
                found = await guarded(awaitable)
                watch.answer()
            return found

        return self._runner.run(main(), context=self._context)

    def __exit__(self, *error: object) -> None:
        try:
            if self._job is not None:
                self._job.close()
        finally:
            self._runner.close()
            self._hand_back()

    def _hand_back(self) -> None:
        """What the coroutines have set is set for whoever called them, as by the plain functions they were."""
        for variable, value in self._context.items():
            if not is_scope(variable) and variable.get(_UNSET) is not value:
                variable.set(value)
