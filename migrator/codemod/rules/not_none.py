"""`if query:` becomes `if query is not None:`: a Query is always true, a select has no truth."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import strongest
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """A comparison with None."""
    target = cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))
    return cst.Comparison(strongest(node), [target])
