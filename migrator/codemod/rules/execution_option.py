"""`.populate_existing()`, `.autoflush(b)`, `.yield_per(n)` become `.execution_options(...)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The option named, with the given value or with the call's own argument."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    option, value = action.args["option"], action.args["value"]
    given = node.args[0].value if node.args and not value else value or "None"
    return node.with_changes(
        func=node.func.with_changes(attr=cst.Name("execution_options")),
        args=[argument(given, option)],
    )
