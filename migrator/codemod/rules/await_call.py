"""`f(x)` becomes `await f(x)`: the callee is a coroutine function now."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import awaited
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call, awaited."""
    return awaited(node)
