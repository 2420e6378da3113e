"""`.options(joinedload("lines"))` of SQLAlchemy 1.x becomes `.options(joinedload(Order.lines))`.

A dotted string loads what stands last: `joinedload("order.lines")` is
`defaultload(Line.order).joinedload(Order.lines)`.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import attribute, call, expression
from migrator.queries.option_entities import Chain, Owner, Owners
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The strings of each option as attributes of the entities that they belong to."""
    assert isinstance(node, cst.Call)
    return node.with_changes(args=_options(node.args, action.args["chains"], context))


def _options(args: Sequence[cst.Arg], chains: Sequence[Chain], context: Context) -> list[cst.Arg]:
    return [
        a.with_changes(value=_option(a.value, chain, context))
        for a, chain in zip(args, chains, strict=True)
    ]


def _option(node: cst.BaseExpression, chain: Chain, context: Context) -> cst.BaseExpression:
    if not chain or not isinstance(node, cst.Call):
        return node
    *before, (owners, below) = chain
    func = node.func
    if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Call):
        node = node.with_changes(
            func=func.with_changes(value=_option(func.value, tuple(before), context))
        )
    if below:
        return node.with_changes(args=_options(node.args, below, context))
    if not owners:
        return node
    texts = [_string(a) for a in node.args]
    if "." in texts[0]:
        return _along(node, texts[0].split("."), owners, context)
    args = [
        a.with_changes(value=_attribute(owners[0], text, context)) if text else a
        for a, text in zip(node.args, texts, strict=True)
    ]
    return node.with_changes(args=args)


def _along(
    node: cst.Call, names: Sequence[str], owners: Owners, context: Context
) -> cst.BaseExpression:
    """`joinedload("a.b")`: what is on the way is loaded as the mapping has it."""
    first, *others = [_attribute(o, n, context) for o, n in zip(owners, names, strict=True)]
    name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
    assert isinstance(name, cst.Name)
    made = call(context.use("sqlalchemy.orm", "defaultload"), first)
    for step in others[:-1]:
        made = call(attribute(made, "defaultload"), step)
    return call(attribute(made, name.value), others[-1], *node.args[1:])


def _string(argument: cst.Arg) -> str:
    """The name that an argument spells; "" for an attribute, or for all of them."""
    value = argument.value
    if not isinstance(value, cst.SimpleString):
        return ""
    text = value.raw_value
    return "" if text == "*" else text


def _attribute(owner: Owner, name: str, context: Context) -> cst.BaseExpression:
    text, key, way = owner
    if not text:
        module, _, cls = key.partition(":")
        text = context.use(module, cls)
    return expression(f"{text}{way}.{name}")
