"""Commands: Flask's own, which may be coroutine functions.

`with_appcontext` pushes an application context without an event loop, so a command has the sync
session; what it awaits, or has awaited by `unbridge`, runs on a loop of the main thread's.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from migrator.runtime.db.bridge import unbridge


class AsyncGroup(AppGroup):
    """`app.cli`."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        settle(cmd)
        super().add_command(cmd, name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            settle(command)
        return command


def settle(command: click.Command) -> None:
    """Have the coroutine of each callback in `command`, groups included, run to its end."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            settle(inner)
    callback = command.callback
    if callback is not None and not hasattr(callback, _SETTLED):
        command.callback = _awaited(callback)


_SETTLED = "_migrator_settled"


def _awaited(callback: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(callback)
    def called(*args: Any, **kwargs: Any) -> Any:
        result = callback(*args, **kwargs)
        return unbridge(result) if inspect.iscoroutine(result) else result

    setattr(called, _SETTLED, True)
    return called
