"""Looping over what an unknown callable gives becomes `await fetched(x)`: it may be a query."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The rows of a legacy query, or whatever else it is."""
    return awaited(call(context.use("migrator.runtime.db", "fetched"), node))
