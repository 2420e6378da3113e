"""`user.roles = roles`, which loads the old collection, becomes `await bridge(setattr, ...)`.

`order["lines"] = lines` of a class with a `__setitem__` becomes `await bridge(setitem, ...)`.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call
from migrator.queries.step import Action


def rewrite(node: cst.Assign, action: Action, context: Context) -> cst.BaseSmallStatement:
    """The assignment as a call that may load."""
    bridge = context.use("migrator.runtime.db", "bridge")
    target = node.targets[0].target
    if isinstance(target, cst.Subscript):
        index = target.slice[0].slice
        assert isinstance(index, cst.Index)
        setter, key = cst.Name(context.use("operator", "setitem")), index.value
    else:
        assert isinstance(target, cst.Attribute)
        setter, key = cst.Name("setattr"), cst.SimpleString(f'"{target.attr.value}"')
    return cst.Expr(awaited(call(bridge, setter, target.value, key, node.value)))
