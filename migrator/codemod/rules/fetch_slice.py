"""`query[a:b]` becomes `(await session.scalars(query.slice(a, b))).all()`; `query[i]` takes one.

Bounds that aren't literal go through `bounds` or `position`, which raise what a query raises. An
index that isn't there raises IndexError, as it did.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import (
    argument,
    attribute,
    call,
    expression,
    in_place_of,
    method,
)
from migrator.codemod.rewriting.statements import executed
from migrator.queries.step import Action

RUNTIME = "migrator.runtime.db"


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """OFFSET and LIMIT in the statement; a step is applied to the list."""
    assert isinstance(node, cst.Subscript)
    args, index = action.args, node.slice[0].slice
    statement = cst.Call(attribute(node.value, "slice"), _bounds(index, args["literal"], context))
    rows = method(executed(statement, action, context), "all")
    if isinstance(index, cst.Index):
        first = cst.SubscriptElement(cst.Index(expression("0")))
        return in_place_of(node, cst.Subscript(rows, [first]))
    if isinstance(index, cst.Slice) and index.step is not None:
        step = index.with_changes(lower=None, upper=None)
        return in_place_of(node, cst.Subscript(rows, [cst.SubscriptElement(step)]))
    return in_place_of(node, rows)


def _bounds(index: cst.BaseSlice, literal: bool, context: Context) -> list[cst.Arg]:
    """The arguments of `.slice()`."""
    if isinstance(index, cst.Index):
        if not literal:
            name = context.use(RUNTIME, "position")
            return [cst.Arg(call(name, index.value), star="*")]
        after = str(int(cst.ensure_type(index.value, cst.Integer).value, 0) + 1)
        return list(call("f", index.value, argument(after)).args)
    assert isinstance(index, cst.Slice)
    none = cst.Name("None")
    pair = (index.lower or none, index.upper or none)
    if literal:
        return list(call("f", *pair).args)
    return [cst.Arg(call(context.use(RUNTIME, "bounds"), *pair), star="*")]
