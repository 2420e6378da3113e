"""`self.session = db.session()`, or `return db.session()`, gives `db.session`: the session of whoever asks later."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """What was called."""
    return in_place_of(node, node.func)
