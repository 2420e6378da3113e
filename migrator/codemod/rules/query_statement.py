"""A legacy query on its way into native code gives its statement: `query.statement`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import attribute
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The select of a legacy query."""
    return attribute(node, "statement")
