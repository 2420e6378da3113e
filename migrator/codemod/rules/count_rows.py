"""`.count()` becomes `await session.scalar(select(func.count()).select_from(statement.subquery()))`.

The subquery is what a legacy query renders: limits, duplicates and groups count as they did.
"""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting import wrapping
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import (
    awaited,
    call,
    expression,
    in_place_of,
    method,
    receiver,
    with_statement,
)
from migrator.codemod.rewriting.splice import Source, Tangled, Written
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The number of rows of the receiver."""
    statement, dot = receiver(node)
    if action.args.get("owner"):
        name = "owner_count_now" if action.sync else "owner_count"
        counting = with_statement(context.use("migrator.runtime.db", name), statement)
        return in_place_of(node, awaited(counting))
    select = context.use("sqlalchemy", "select")
    func = context.use("sqlalchemy", "func")
    counted = expression(f"{select}({func}.count()).select_from")
    inner = with_statement(counted, method(statement, "subquery", dot=dot))
    called = call(f"{action.args['session']}.scalar", inner)
    return in_place_of(node, awaited(called))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    if action.args.get("owner"):
        raise Tangled
    statement, dot = source.receiver(node)
    select = context.use("sqlalchemy", "select")
    func = context.use("sqlalchemy", "func")
    inner = wrapping.with_statement(
        f"{select}({func}.count()).select_from", f"{statement}{dot}subquery()", source.indent(node)
    )
    return Written(f"{action.args['session']}.scalar({inner})", awaited=True)
