"""`Order.query` and `session.query(A, B.x)` become `select(Order)` and `select(A, B.x)`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import bare, call, expression, in_place_of
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The select with the model, or with the arguments as they were written."""
    name = expression(context.use("sqlalchemy", "select"))
    if isinstance(node, cst.Attribute):
        entity = action.args.get("entity")
        model = bare(node.value) if entity is None else cst.parse_expression(entity)
        return in_place_of(node, call(name, model))
    assert isinstance(node, cst.Call)
    return node.with_changes(func=name, whitespace_after_func=cst.SimpleWhitespace(""))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    name = context.use("sqlalchemy", "select")
    if isinstance(node, ast.Attribute):
        entity = action.args.get("entity") or source.attribute(node)[0]
        return Written(f"{name}({entity})")
    return Written(f"{name}({source.call(node)[1]}")
