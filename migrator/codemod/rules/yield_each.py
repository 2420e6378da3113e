"""`yield from rows()` becomes a loop that yields: an async generator has no `yield from`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.SimpleStatementLine, action: Action, context: Context) -> cst.For:
    """The loop; over another async generator it is asynchronous."""
    statement = node.body[0]
    assert isinstance(statement, cst.Expr)
    assert isinstance(statement.value, cst.Yield)
    assert isinstance(statement.value.value, cst.From)
    name = cst.Name(action.args["name"])
    body = cst.IndentedBlock(
        [cst.SimpleStatementLine([cst.Expr(cst.Yield(name))])], header=node.trailing_whitespace
    )
    return cst.For(
        name,
        statement.value.value.item,
        body,
        leading_lines=node.leading_lines,
        asynchronous=cst.Asynchronous() if action.args["async"] else None,
    )
