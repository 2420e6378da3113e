"""`select(Order)` becomes `select(Order).options(selectinload(Order.lines))`: a trace says so, or the code.

Where queries of several classes arrive at one place, `options_for` chooses among the options.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import (
    argument,
    call,
    expression,
    in_place_of,
    method,
    separated,
    with_statement,
)
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The statement with one option a chain, on a line of its own where the chain has lines."""
    by_class = {
        _class(key, context): [_option(chain, context) for chain in chains]
        for key, chains in action.args["chains"].items()
    }
    if action.args["keyword"]:
        assert isinstance(node, cst.Call)
        given = [cst.Element(option) for options in by_class.values() for option in options]
        return node.with_changes(args=separated([*node.args, argument(cst.List(given), "options")]))
    if action.args["mixed"]:
        elements = [
            cst.DictElement(expression(name), cst.List([cst.Element(o) for o in options]))
            for name, options in by_class.items()
        ]
        chosen = context.use("migrator.runtime.db", "options_for")
        return in_place_of(node, with_statement(chosen, node, cst.Arg(cst.Dict(elements))))
    options = [option for options in by_class.values() for option in options]
    statement = node.with_changes(lpar=[], rpar=[])
    func = statement.func if isinstance(statement, cst.Call) else None
    dot = func.dot if isinstance(func, cst.Attribute) else None
    return in_place_of(node, method(statement, "options", *options, dot=dot))


def _class(key: str, context: Context) -> str:
    module, _, name = key.partition(":")
    return context.use(module, name)


def _option(chain: tuple[tuple[str, str, str], ...], context: Context) -> cst.BaseExpression:
    """`selectinload(Order.lines).selectinload(Line.product)`."""
    made: cst.BaseExpression | None = None
    for loader, key, name in chain:
        attribute = expression(f"{_class(key, context)}.{name}")
        if made is None:
            made = call(context.use("sqlalchemy.orm", loader), attribute)
        else:
            made = method(made, loader, attribute)
    assert made is not None
    return made
