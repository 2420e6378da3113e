"""URLs are matched on the event loop, outside of any request, as long as no converter needs one.

A converter whose `to_python` asks the database has Flask's contexts in the legacy application. Where one
fails without them, the matching is done again where they are; where it works there, it is done there at once
from then on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

T = TypeVar("T")


class Matching:
    """`await matching(fn, ...)`: what `fn` gives, in an application's context where it has to be.

    `run` is given a sync function, and awaits it where the application's database can be asked.
    """

    def __init__(
        self,
        context: Callable[[], AbstractContextManager[Any]],
        run: Callable[[Callable[[], Any]], Awaitable[Any]],
    ) -> None:
        self._context = context
        self._run = run
        self._needs_context = False

    async def __call__(self, fn: Callable[..., T], *args: Any) -> T:
        if not self._needs_context:
            try:
                return fn(*args)
            except Exception:  # of any class: it is a converter's own
                pass

        def inside() -> T:
            with self._context():
                return fn(*args)

        found: T = await self._run(inside)  # what was no want of a context comes again here
        self._needs_context = True
        return found
