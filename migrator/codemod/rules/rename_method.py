"""A method of Query under the name that Select has for it: `.filter(` becomes `.where(`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Tangled, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The same call with the method's name changed to `name`."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    return node.with_changes(func=node.func.with_changes(attr=cst.Name(action.args["name"])))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    callee, rest = source.call(node)
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    if not callee.endswith(f".{node.func.attr}"):
        raise Tangled
    return Written(f"{callee.removesuffix(node.func.attr)}{action.args['name']}({rest}")
