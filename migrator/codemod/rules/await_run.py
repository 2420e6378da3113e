"""`asyncio.run(f())` becomes `await f()`: where converted code runs, an event loop runs already.

https://docs.python.org/3/library/asyncio-runner.html#asyncio.run
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call, in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The coroutine, awaited on the loop at hand."""
    assert isinstance(node, cst.Call)
    return in_place_of(node, awaited(node.args[0].value))


def synchronous(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """The same for sync code."""
    return call(context.use("migrator.runtime.db", "unbridge"), node)
