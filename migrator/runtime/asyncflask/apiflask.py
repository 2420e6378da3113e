"""APIFlask's application on the event loop: its decorators ask `ensure_sync` for every view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.runtime.asyncflask.app import AsyncFlask

if TYPE_CHECKING:
    # An optional dependency, of applications that have it anyway.
    from flask import Flask as APIFlask
else:
    from apiflask import APIFlask


class AsyncAPIFlask(AsyncFlask, APIFlask):
    """Takes the place of `apiflask.APIFlask`, with its arguments."""
