"""Time limits by a signal of the process: on the event loop it meets whatever request runs just then."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import Module
from migrator.surface.scopes import Scopes

_SET = ("signal.alarm", "signal.setitimer")
#: What sets the alarm; the decorators of the usual distributions do it by default.
ALARMS = (*_SET, "timeout_decorator.timeout", "wrapt_timeout_decorator.timeout")


def alarms(module: Module, scopes: Scopes, apart: Container[str]) -> Iterator[Finding]:
    """A finding for each of them; what is in `apart` runs on no event loop."""
    for node, name in scopes.calls:
        if name not in ALARMS or _ends(node, name):
            continue
        if scopes.functions.get(id(node), "") in apart:
            continue
        yield finding_at(
            module,
            node,
            "MIG118",
            f"{name} interrupts what the process runs when the time is over: on the event loop another "
            "request, or the loop itself, which ends the server.",
            hint="Let the database end a statement (`SET LOCAL statement_timeout`), give a call the "
            "timeout that it has, or `async with asyncio.timeout(seconds)` in native code.",
        )


def _ends(node: ast.Call, name: str) -> bool:
    """Whether it takes the alarm back."""
    seconds = node.args[name == "signal.setitimer" :][:1]
    return name in _SET and bool(seconds) and ast.unparse(seconds[0]) == "0"


__all__ = ["ALARMS", "alarms"]
