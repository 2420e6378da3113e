"""What a template gets beside other things, in a dict or by a condition, is run before: its rows go in."""

from __future__ import annotations

import json

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """`await with_rows(context, session, "orders")`, or `await rows_for(orders, session)`."""
    names = [
        cst.parse_expression(json.dumps(name, ensure_ascii=False)) for name in action.args["names"]
    ]
    helper = "with_rows" if names else "rows_for"
    helper = context.use("migrator.runtime.db", f"{helper}_now" if action.sync else helper)
    session = cst.parse_expression(action.args["session"])
    return awaited(call(helper, node, session, *names))
