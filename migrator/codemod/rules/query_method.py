"""A method that a query class adds takes a select: `OrderQuery.open(select(Order))`.

The class and its methods stay; a method that works on a query works on a select as well. A dynamic
relationship's query gives its statement.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import attribute, expression, in_place_of, receiver, separated
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The receiver becomes the first argument."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    outer, _, inner = action.args["name"].partition(".")
    owner = context.use(action.args["module"], outer)
    name = f"{owner}.{inner}" if inner else owner
    query, _ = receiver(node)
    if action.args.get("statement"):
        query = attribute(query, "statement")
    arguments = separated([cst.Arg(query), *node.args])
    made = cst.Call(expression(f"{name}.{node.func.attr.value}"), arguments)
    return in_place_of(node, made)
