"""A method of Query under the name that Select has for it: `.filter(` becomes `.where(`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The same call with the method's name changed to `name`."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    return node.with_changes(func=node.func.with_changes(attr=cst.Name(action.args["name"])))
