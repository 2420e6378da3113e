"""`user.roles = roles`, which loads the old collection, becomes `await bridge(setattr, ...)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call
from migrator.queries.step import Action


def rewrite(node: cst.Assign, action: Action, context: Context) -> cst.BaseSmallStatement:
    """The assignment as a `setattr` that may load."""
    target = node.targets[0].target
    assert isinstance(target, cst.Attribute)
    name = cst.SimpleString(f'"{target.attr.value}"')
    bridge = context.use("migrator.runtime.db", "bridge")
    return cst.Expr(awaited(call(bridge, cst.Name("setattr"), target.value, name, node.value)))
