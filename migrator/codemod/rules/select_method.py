"""A query class's method in the place of one of Query's takes a select: `@select_method`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The function, asynchronous, under the decorator."""
    decorator = cst.Decorator(cst.Name(context.use("migrator.runtime.db", "select_method")))
    return node.with_changes(asynchronous=cst.Asynchronous(), decorators=[decorator])
