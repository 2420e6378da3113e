"""`f(x)` becomes `await call(f, x)`: which of several functions it is, shows at run time."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import awaited
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call through `call`, which awaits a coroutine function and bridges a plain one."""
    separator = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    first = cst.Arg(node.func, comma=separator if node.args else cst.MaybeSentinel.DEFAULT)
    name = context.use("migrator.runtime.db", "call")
    return awaited(node.with_changes(func=cst.Name(name), args=[first, *node.args]))
