"""`query or default` becomes `query if query is not None else default`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """A Query is always true, a select has no truth."""
    assert isinstance(node, cst.BooleanOperation)
    target = cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))
    test = cst.Comparison(node.left, [target])
    choice = cst.IfExp(test=test, body=node.left, orelse=node.right)
    return in_place_of(node, choice)
