"""`list(map(session.delete, rows))` becomes `[await session.delete(item) for item in rows]`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, call, in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """What `map()` would call, awaited for one item after the other."""
    mapped = node.args[0].value
    assert isinstance(mapped, cst.Call)
    function, items = (argument.value for argument in mapped.args)
    item = cst.Name(context.fresh("item"))
    each = awaited(call(function, item)).with_changes(lpar=[], rpar=[])
    return in_place_of(node, cst.ListComp(each, cst.CompFor(item, items)))
