"""`sorted(xs, key=lambda x: ...)` becomes `by_key(sorted, [(..., x) for x in xs])`: keys may await."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument, separated
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.Call:
    """The call with its keys written out in front of the items."""
    function = next(a.value for a in node.args if a.keyword and a.keyword.value == "key")
    assert isinstance(function, cst.Lambda)
    parameters = [*function.params.posonly_params, *function.params.params]
    name = parameters[0].name
    pair = cst.Tuple([cst.Element(function.body), cst.Element(name)])
    items = cst.ListComp(pair, cst.CompFor(name, node.args[0].value))
    rest = [a for a in node.args[1:] if a.value is not function]
    made = [argument(node.func), argument(items), *rest]
    made[-1] = made[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    helper = cst.Name(context.use("migrator.runtime.db", "by_key"))
    return node.with_changes(func=helper, args=separated(made))
