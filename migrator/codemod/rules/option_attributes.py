"""`.options(joinedload("lines"))` of SQLAlchemy 1.x becomes `.options(joinedload(Order.lines))`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import expression
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The strings of each option's innermost call as attributes of the entity."""
    assert isinstance(node, cst.Call)
    entity = action.args["entity"]
    return node.with_changes(
        args=[a.with_changes(value=_innermost(a.value, entity)) for a in node.args]
    )


def _innermost(node: cst.BaseExpression, entity: str) -> cst.BaseExpression:
    if not isinstance(node, cst.Call):
        return node
    func = node.func
    if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Call):
        changed = func.with_changes(value=_innermost(func.value, entity))
        return node.with_changes(func=changed)
    return node.with_changes(args=[_attribute(a, entity) for a in node.args])


def _attribute(argument: cst.Arg, entity: str) -> cst.Arg:
    value = argument.value
    if not isinstance(value, cst.SimpleString) or value.raw_value == "*":
        return argument
    return argument.with_changes(value=expression(f"{entity}.{value.raw_value}"))
