"""`f(x)` becomes `await bridge(f, x)`: the callee stays sync and does I/O."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import awaited
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call through the bridge; the arguments are evaluated outside of it."""
    separator = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    first = cst.Arg(node.func, comma=separator if node.args else cst.MaybeSentinel.DEFAULT)
    name = context.use("migrator.runtime.db", "bridge")
    return awaited(node.with_changes(func=cst.Name(name), args=[first, *node.args]))
