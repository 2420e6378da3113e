"""`select(Order)` becomes `select(Order).options(selectinload(Order.lines))`: a trace says so."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import call, expression, in_place_of, method
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The statement with one option a chain, on a line of its own where the chain has lines."""
    options = [_option(chain, context) for chain in action.args["chains"]]
    statement = node.with_changes(lpar=[], rpar=[])
    func = statement.func if isinstance(statement, cst.Call) else None
    dot = func.dot if isinstance(func, cst.Attribute) else None
    return in_place_of(node, method(statement, "options", *options, dot=dot))


def _option(chain: tuple[tuple[str, str, str], ...], context: Context) -> cst.BaseExpression:
    """`selectinload(Order.lines).selectinload(Line.product)`."""
    made: cst.BaseExpression | None = None
    for loader, key, name in chain:
        module, _, cls = key.partition(":")
        attribute = expression(f"{context.use(module, cls)}.{name}")
        if made is None:
            made = call(context.use("sqlalchemy.orm", loader), attribute)
        else:
            made = method(made, loader, attribute)
    assert made is not None
    return made
