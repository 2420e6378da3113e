"""`order`, after a commit, becomes `(await reload(order))`: a commit expires what it wrote.

Flask-SQLAlchemy's sessions expire on commit; sync code reloads at the next attribute access.
"""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The value, its expired attributes loaded; nothing is sent when none are expired."""
    name = context.use("migrator.runtime.db", "reload")
    return awaited(cst.Call(cst.Name(name), [cst.Arg(node)]))


def synchronous(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """The coroutine function, called by sync code."""
    return call(context.use("migrator.runtime.db", "unbridge"), node)


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    name = context.use("migrator.runtime.db", "reload")
    return Written(f"{name}({source.code(node)})", awaited=True)
