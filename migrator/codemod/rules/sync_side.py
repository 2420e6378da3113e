"""`x.query(Order)`, on an x of unknown type, becomes `sync_side(x).query(Order)` in the bridge."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The Session underneath, if it turns out to be an AsyncSession."""
    return call(context.use("migrator.runtime.db", "sync_side"), node)
