"""Sync code that runs a coroutine on an event loop of its own, which it can't beside a running one.

https://docs.python.org/3/library/asyncio-runner.html
"""

from __future__ import annotations

import ast

from migrator.index.definitions import ExternalName, FunctionInfo
from migrator.index.project import Project
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import UNKNOWN, External

#: The function of asyncio, and the method of its loops.
RUN, RUN_UNTIL_COMPLETE = "asyncio.run", "run_until_complete"
RUNS = Step(UNKNOWN, Action("await_run", awaits=True), io=True)
#: `async_to_sync(f)(x)`, where both calls are one expression.
APPLIES = Step(UNKNOWN, Action("await_applied", awaits=True), io=True)
#: What no sync code can do beside a running loop.
RUNNING = (RUNS.action, APPLIES.action)
TO_SYNC = ("asgiref.sync.async_to_sync", "asgiref.sync.AsyncToSync")
#: `async_to_sync(f)`, kept: beside a running loop it waits in the bridge.
KEPT = Action(
    "use_name",
    {"module": "migrator.runtime.db", "name": "unbridged"},
    imports=(("migrator.runtime.db", "unbridged"),),
)


def applied(node: ast.Call, typeof: TypeOf) -> ast.expr | None:
    """The coroutine function that is made a plain one and called at once, if it is."""
    match node:
        case ast.Call(
            func=ast.Call(func=maker, args=[ast.Name() | ast.Attribute() as function], keywords=[])
        ):
            value = typeof(maker)
            return function if isinstance(value, External) and value.dotted in TO_SYNC else None
    return None


def is_made_plain(project: Project, function: FunctionInfo) -> bool:
    """Whether `@async_to_sync` makes a plain function of a coroutine function."""
    found = (project.resolve(function.module, d) for d in function.node.decorator_list)
    return function.is_async and any(
        isinstance(f, ExternalName) and f.dotted in TO_SYNC for f in found
    )


def coroutine_of(node: ast.Call) -> ast.expr | None:
    """The coroutine that such a call runs; None where it asks for more than that."""
    match node:
        case ast.Call(args=[ast.Starred()]):
            return None
        case ast.Call(args=[given], keywords=keywords) if all(k.arg == "debug" for k in keywords):
            return given
    return None
