"""`f(x)` becomes `await f(x)`: the callee is a coroutine function now."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument, awaited, in_place_of, separated
from migrator.codemod.rewriting.splice import Source, Tangled, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The call, awaited; `append` is an argument that the async twin needs in addition."""
    inner = node.with_changes(lpar=[], rpar=[])
    extra = action.args.get("append", "")
    if extra and isinstance(inner, cst.Call):
        keyword, _, value = extra.partition("=")
        inner = inner.with_changes(args=separated([*inner.args, argument(value, keyword)]))
    return in_place_of(node, awaited(inner))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    if action.args.get("append") or not isinstance(node, ast.Call | ast.Name | ast.Attribute):
        raise Tangled
    return Written(source.code(node), awaited=True)
