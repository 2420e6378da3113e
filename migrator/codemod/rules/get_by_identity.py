"""`Order.query.options(...).get(id)` becomes `await session.get(Order, id, options=[...])`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import (
    argument,
    awaited,
    call,
    expression,
    in_place_of,
    links,
    receiver,
    with_statement,
)
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The identity as it was written; what the chain said as keyword arguments."""
    assert isinstance(node, cst.Call)
    chain, _ = receiver(node)
    given = [a for a in node.args if a.keyword is not None and a.keyword.value == "ident"]
    first = given[0] if given else node.args[0]
    identity = first.with_changes(
        keyword=None, equal=cst.MaybeSentinel.DEFAULT, comma=cst.MaybeSentinel.DEFAULT
    )
    if "elsewhere" in action.args:
        session = cst.Arg(expression(action.args["elsewhere"]))
        name = "get_of_now" if action.sync else "get_of"
        helper = context.use("migrator.runtime.db", name)
        return in_place_of(node, awaited(with_statement(helper, chain, identity, session)))
    # A second positional argument is get_or_404's description.
    rest = [a.with_changes(comma=cst.MaybeSentinel.DEFAULT) for a in node.args if a is not first]
    others = [a if a.keyword else argument(a.value, "description") for a in rest]
    made = call(
        action.args["callee"],
        cst.Arg(_entity(chain, action.args["entity"])),
        identity,
        *_keywords(chain),
        *others,
    )
    return in_place_of(node, awaited(made))


def _entity(chain: cst.BaseExpression, text: str) -> cst.BaseExpression:
    """The class: where an expression gives it, as that has been rewritten, in the root's `select`."""
    root = chain
    for link in links(chain):
        assert isinstance(link.func, cst.Attribute)
        root = link.func.value
    if "(" in text and isinstance(root, cst.Call) and root.args:
        return root.args[0].value
    return expression(text)


def _keywords(chain: cst.BaseExpression) -> list[cst.Arg]:
    options: list[cst.Element] = []
    keywords: list[cst.Arg] = []
    for link in reversed(list(links(chain))):
        assert isinstance(link.func, cst.Attribute)
        name = link.func.attr.value
        if name == "options":
            options += [cst.Element(a.value) for a in link.args]
        elif name == "execution_options":
            # What populate_existing() was rewritten to.
            keywords += [a.with_changes(comma=cst.MaybeSentinel.DEFAULT) for a in link.args]
        elif name == "with_for_update":
            keywords.append(argument(_lock(link), "with_for_update"))
    if options:
        keywords.insert(0, argument(cst.List(options), "options"))
    return keywords


def _lock(link: cst.Call) -> cst.BaseExpression:
    if not link.args:
        return cst.Name("True")
    elements = [
        cst.DictElement(cst.SimpleString(f'"{a.keyword.value}"'), a.value)
        for a in link.args
        if a.keyword is not None
    ]
    return cst.Dict(elements)
