"""`f(x)` becomes `await bridge(f, x)`: the callee stays sync and does I/O."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, separated
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call through the bridge; the arguments are evaluated outside of it."""
    name = context.use("migrator.runtime.db", "bridge")
    args = separated([cst.Arg(node.func), *node.args])
    return awaited(node.with_changes(func=cst.Name(name), args=args))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    name = context.use("migrator.runtime.db", "bridge")
    return Written(source.passed(node, name), awaited=True)
