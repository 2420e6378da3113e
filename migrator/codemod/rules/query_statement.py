"""A legacy query on its way into native code gives its statement: `query.statement`.

What may be something else goes through `statement_of()`.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import attribute
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The select of a legacy query."""
    if action.args.get("unsure"):
        name = context.use("migrator.runtime.db", "statement_of")
        return cst.Call(cst.Name(name), [cst.Arg(node)])
    return attribute(node, "statement")
