"""APIFlask's application on the event loop: its decorators ask `ensure_sync` for every view."""

from __future__ import annotations

# An optional dependency, of applications that have it anyway.
from apiflask import APIFlask

from migrator.runtime.asyncflask.app import AsyncFlask


class AsyncAPIFlask(AsyncFlask, APIFlask):
    """Takes the place of `apiflask.APIFlask`, with its arguments."""
