"""`query.session` is the session that the query was made by: a select() has none."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The session as the module spells it."""
    return cst.parse_expression(action.args["session"])


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    return Written(action.args["session"])
