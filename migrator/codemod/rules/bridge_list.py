"""Looping over an object whose `__iter__` loads becomes `await bridge(list, x)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """All items, taken in the bridge."""
    bridge = context.use("migrator.runtime.db", "bridge")
    return awaited(call(bridge, cst.Name("list"), node))
