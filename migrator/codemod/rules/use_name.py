"""A dotted name becomes an imported one: `flask.json.dumps` becomes `dumps`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.Name:
    """The name, imported from its module."""
    return cst.Name(_used(action, context))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    return Written(_used(action, context))


def _used(action: Action, context: Context) -> str:
    module, name = action.args["module"], action.args["name"]
    return context.use_early(module, name)
