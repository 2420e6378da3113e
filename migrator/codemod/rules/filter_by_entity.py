"""`.filter_by(name=v)` after a join becomes `.where(Customer.name == v)`.

Query looks the name up on the last joined entity; SQLAlchemy 2.1's Select on all of them.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import expression, strongest
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """One comparison an argument, in the order and on the lines of the arguments."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    entity = action.args["entity"]
    if not entity:
        module, _, name = action.args["key"].partition(":")
        entity = context.use(module, name)
    args = [_criterion(arg, entity) for arg in node.args]
    return node.with_changes(func=node.func.with_changes(attr=cst.Name("where")), args=args)


def _criterion(arg: cst.Arg, entity: str) -> cst.Arg:
    if arg.star == "**":
        source = f"*(getattr({entity}, name) == value for name, value in MAPPING.items())"
        made = cst.parse_expression(f"f({source})")
        assert isinstance(made, cst.Call)
        inner = made.args[0].value.visit(_Mapping(arg.value))
        return arg.with_changes(star="*", value=inner)
    assert arg.keyword is not None
    comparison = cst.Comparison(
        expression(f"{entity}.{arg.keyword.value}"),
        [cst.ComparisonTarget(cst.Equal(), _operand(arg.value))],
    )
    return arg.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT, value=comparison)


def _operand(value: cst.BaseExpression) -> cst.BaseExpression:
    """Comparisons chain and `not`, `and`, `or`, `if` bind weaker: parentheses keep them apart."""
    loose = (
        cst.Comparison,
        cst.BooleanOperation,
        cst.IfExp,
        cst.Lambda,
        cst.NamedExpr,
    )
    negated = isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Not)
    return strongest(value) if isinstance(value, loose) or negated else value


class _Mapping(cst.CSTTransformer):
    def __init__(self, value: cst.BaseExpression) -> None:
        self.value = strongest(value)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self.value if updated_node.value == "MAPPING" else updated_node
