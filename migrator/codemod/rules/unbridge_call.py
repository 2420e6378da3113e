"""In sync code that runs in the bridge, `f(x)` of a coroutine function is `unbridge(f(x))`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call, awaited from sync code."""
    name = context.use("migrator.runtime.db", "unbridge")
    bare = node.with_changes(lpar=[], rpar=[])
    return cst.Call(cst.Name(name), [cst.Arg(bare)], lpar=node.lpar, rpar=node.rpar)


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    name = context.use("migrator.runtime.db", "unbridge")
    return Written(f"{name}({source.code(node)})")
