"""A row that is read like a dict is read by its `_mapping`: `row["total"]`, `dict(row)`, `**row`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import attribute, call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The mapping; where it may be no row, asked for when it runs."""
    if action.args.get("unsure"):
        return call(context.use("migrator.runtime.db", "mapping_of"), cst.Arg(node))
    return attribute(node, "_mapping")
