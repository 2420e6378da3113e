"""`q1.union(q2)` becomes `select(aliased(Order, union(q1, q2).subquery()))`.

A union of columns becomes `select(*union(q1, q2).subquery().c)`, or `select(*columns_of(union(q1, q2)))`.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import (
    attribute,
    call,
    expression,
    in_place_of,
    method,
    receiver,
    separated,
)
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """Entities again, or columns, from the rows of the set operation."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    first, _ = receiver(node)
    combined = method(first, node.func.attr.value)
    combined = combined.with_changes(
        args=node.args, whitespace_before_args=node.whitespace_before_args
    )
    if not action.args["entity"]:
        columns: cst.BaseExpression = attribute(method(combined, "subquery"), "c")
        if not action.args["labelled"]:
            columns = call(context.use("migrator.runtime.db", "columns_of"), combined)
        starred = cst.Arg(columns, star="*")
        return in_place_of(node, call(context.use("sqlalchemy", "select"), starred))
    entity = cst.Arg(expression(action.args["entity"]))
    alias = call(context.use("sqlalchemy.orm", "aliased"))
    alias = alias.with_changes(args=separated([entity, cst.Arg(method(combined, "subquery"))]))
    return in_place_of(node, call(context.use("sqlalchemy", "select"), alias))
