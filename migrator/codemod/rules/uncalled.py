"""`self.session = db.session()`, or `return db.session()`, gives `db.session`: the session of whoever asks later."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """What was called, or the part of it that attributes can be put on."""
    if action.args.get("at_hand"):
        return in_place_of(node, cst.Attribute(node.func, cst.Name("at_hand")))
    return in_place_of(node, node.func)
