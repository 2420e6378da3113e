"""`current_user` becomes `(await get_current_user())`: the first use of it loads the user."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The user of the request, loaded once."""
    name = context.use(action.args["module"], "get_current_user")
    return awaited(cst.Call(cst.Name(name)))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    name = context.use(action.args["module"], "get_current_user")
    return Written(f"{name}()", awaited=True)
