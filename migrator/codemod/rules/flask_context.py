"""A view whose extension reads Flask's own context gets `@flask_context` below its routes."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The view with the decorator in front of the one at `index`."""
    name = context.use("migrator.runtime.compat", "flask_context")
    decorators = list(node.decorators)
    decorators.insert(action.args["index"], cst.Decorator(cst.Name(name)))
    return node.with_changes(decorators=decorators)
