"""`.count()` becomes `await session.scalar(select(func.count()).select_from(statement.subquery()))`.

The subquery is what a legacy query renders: limits, duplicates and groups count as they did.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import (
    awaited,
    call,
    expression,
    in_place_of,
    method,
    receiver,
    with_statement,
)
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The number of rows of the receiver."""
    statement, dot = receiver(node)
    select = context.use("sqlalchemy", "select")
    func = context.use("sqlalchemy", "func")
    counted = expression(f"{select}({func}.count()).select_from")
    inner = with_statement(counted, method(statement, "subquery", dot=dot))
    called = call(f"{action.args['session']}.scalar", inner)
    return in_place_of(node, awaited(called))
