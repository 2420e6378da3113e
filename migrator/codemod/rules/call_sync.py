"""In sync code that runs in the bridge, an unknown callable may be async: `call_sync(f, x)`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import separated
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call through `call_sync`, which awaits what turns out to be awaitable."""
    name = context.use("migrator.runtime.db", "call_sync")
    return node.with_changes(func=cst.Name(name), args=separated([cst.Arg(node.func), *node.args]))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    return Written(source.passed(node, context.use("migrator.runtime.db", "call_sync")))
