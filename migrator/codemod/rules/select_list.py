"""`select([a, b], criterion)` of SQLAlchemy 1.x becomes `select(a, b).where(criterion)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import in_place_of, method
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The columns spread out, their line breaks kept."""
    assert isinstance(node, cst.Call)
    columns = node.args[0].value
    assert isinstance(columns, cst.List | cst.Tuple)
    args = [cst.Arg(e.value, comma=e.comma) for e in columns.elements]
    spread = node.with_changes(args=args, lpar=[], rpar=[])
    if len(node.args) > 1:
        return in_place_of(node, method(spread, "where", node.args[1].value))
    return in_place_of(node, spread)
