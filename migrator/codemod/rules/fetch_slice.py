"""`query[a:b]` becomes `(await session.scalars(query.slice(a, b))).all()`; `query[i]` takes one.

An index that isn't there raises IndexError, as it did.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import argument, expression, in_place_of, method
from migrator.codemod.statements import executed
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """Literal bounds, checked by the tables."""
    assert isinstance(node, cst.Subscript)
    args = action.args
    bounds = (argument(args["start"]), argument(args["stop"]))
    statement = method(node.value, "slice", *bounds)
    rows = method(executed(statement, args), "all")
    if not args["index"]:
        return in_place_of(node, rows)
    index = cst.SubscriptElement(cst.Index(expression("0")))
    return in_place_of(node, cst.Subscript(rows, [index]))
