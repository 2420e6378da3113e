"""`async_to_sync(f)(x)` becomes `await f(x)`: where converted code runs, an event loop runs already.

https://github.com/django/asgiref#function-wrappers
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call, in_place_of, strongest
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The function itself, called and awaited on the loop at hand."""
    assert isinstance(node, cst.Call)
    made = cst.ensure_type(node.func, cst.Call)
    plain = node.with_changes(func=strongest(made.args[0].value), lpar=[], rpar=[])
    return in_place_of(node, awaited(plain))


def synchronous(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """The same for sync code."""
    return call(context.use("migrator.runtime.db", "unbridge"), node)
