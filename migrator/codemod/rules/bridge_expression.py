"""An expression in which no await can stand runs in the bridge: `await bridge(lambda: ...)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The expression, unchanged, in the bridge."""
    name = context.use("migrator.runtime.db", "bridge")
    return awaited(cst.Call(cst.Name(name), [cst.Arg(cst.Lambda(cst.Parameters(), node))]))
