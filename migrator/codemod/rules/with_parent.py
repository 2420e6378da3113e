"""`.with_parent(o, Order.lines)` becomes `.where(with_parent(o, Order.lines))`.

Without a relationship it becomes `.where(parent_of(Line, o))`, which finds it at run time: the first
one that leads to the entity that was joined last, or to that of the first column.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import call, expression
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The function of the same name, as a criterion."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    if action.args:
        entity = action.args["entity"]
        if not entity:
            module, _, name = action.args["key"].partition(":")
            entity = context.use(module, name)
        finding = context.use("migrator.runtime.db", "parent_of")
        criterion = call(finding, expression(entity), node.args[0])
    else:
        criterion = cst.Call(expression(context.use("sqlalchemy.orm", "with_parent")), node.args)
    return node.with_changes(
        func=node.func.with_changes(attr=cst.Name("where")), args=[cst.Arg(criterion)]
    )
