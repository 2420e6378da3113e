"""Sync code that runs a coroutine on an event loop of its own, which it can't beside a running one.

https://docs.python.org/3/library/asyncio-runner.html
"""

from __future__ import annotations

import ast

from migrator.queries.step import Action, Step
from migrator.queries.types import UNKNOWN

#: The function of asyncio, and the method of its loops.
RUN, RUN_UNTIL_COMPLETE = "asyncio.run", "run_until_complete"
RUNS = Step(UNKNOWN, Action("await_run", awaits=True), io=True)


def coroutine_of(node: ast.Call) -> ast.expr | None:
    """The coroutine that such a call runs; None where it asks for more than that."""
    match node:
        case ast.Call(args=[ast.Starred()]):
            return None
        case ast.Call(args=[given], keywords=keywords) if all(k.arg == "debug" for k in keywords):
            return given
    return None
