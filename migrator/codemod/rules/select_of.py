"""A query that its class has a hand in is made in the bridge: `await select_of(lambda: Order.query)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, bare, call, in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The query as it is written, behind a lambda; what comes back is a select."""
    if action.sync:
        return in_place_of(node, call(context.use("migrator.runtime.db", "as_select"), bare(node)))
    name = context.use("migrator.runtime.db", "select_of")
    made = cst.Lambda(cst.Parameters(), bare(node))
    return in_place_of(node, awaited(call(name, made)))
