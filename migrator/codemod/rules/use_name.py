"""A dotted name becomes an imported one: `flask.json.dumps` becomes `dumps`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.Name:
    """The name, imported from its module."""
    return cst.Name(context.use(action.args["module"], action.args["name"]))
