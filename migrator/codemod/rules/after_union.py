"""`a.union(b).order_by(Order.id)` becomes `select(u := aliased(Order, ...)).order_by(u.id)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import expression
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The union's alias gets a name, and the columns in the arguments are its own."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    entities: list[str] = list(action.args["entities"])
    func = node.func
    if action.args["name"]:
        func = func.with_changes(attr=cst.Name(action.args["name"]))
    if not entities:
        return node.with_changes(func=func)
    made, name = _named(func.value, context)
    adapter = _Columns(entities, name)
    args = [a.visit(adapter) for a in node.args]
    if adapter.found != len(entities):
        raise ValueError(f"{entities} are not what is written there")
    return node.with_changes(func=func.with_changes(value=made), args=args)


def _named(node: cst.BaseExpression, context: Context) -> tuple[cst.BaseExpression, str]:
    """The chain whose `select(aliased(...))` gives the alias a name, and that name."""
    assert isinstance(node, cst.Call)
    if isinstance(node.func, cst.Attribute):
        inner, name = _named(node.func.value, context)
        return node.with_changes(func=node.func.with_changes(value=inner)), name
    alias = node.args[0].value
    if isinstance(alias, cst.NamedExpr):
        assert isinstance(alias.target, cst.Name)
        return node, alias.target.value
    name = context.fresh("united")
    walrus = cst.NamedExpr(expression(name), alias)
    return node.with_changes(args=[node.args[0].with_changes(value=walrus)]), name


class _Columns(cst.CSTTransformer):
    """Reads the entity's attributes from the alias."""

    def __init__(self, entities: list[str], name: str) -> None:
        self.entities = set(entities)
        self.name = name
        self.found = 0

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        if cst.Module([]).code_for_node(original_node.value) in self.entities:
            self.found += 1
            return updated_node.with_changes(value=cst.Name(self.name))
        return updated_node
