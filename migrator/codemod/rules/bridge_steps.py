"""`rows()` becomes `bridge_iter(rows())`: a generator or context manager on the other side of the bridge."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import bare, call, in_place_of
from migrator.codemod.rewriting.splice import Source, Tangled, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The expression inside the helper that `name` says."""
    name = context.use("migrator.runtime.db", action.args["name"])
    made = call(name, bare(node))
    # The parentheses of an `await` that another rule has made are no longer needed.
    return made if isinstance(node, cst.Await) else in_place_of(node, made)


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    if not isinstance(node, ast.Call | ast.Name | ast.Attribute):
        raise Tangled
    name = context.use("migrator.runtime.db", action.args["name"])
    return Written(f"{name}({source.code(node)})")
