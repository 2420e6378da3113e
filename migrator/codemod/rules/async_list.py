"""`list(rows())` becomes `[item async for item in rows()]`; `sum(rows())` gets such a list."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action

_ITEM = cst.Name("item")


def rewrite(
    node: cst.BaseExpression, action: Action, context: Context
) -> cst.ListComp | cst.SetComp:
    """All items of an async generator; `set()` around it becomes a display of its own."""
    kind: type[cst.ListComp] | type[cst.SetComp] = cst.ListComp
    taken = node
    if action.args["display"]:
        assert isinstance(node, cst.Call)
        assert isinstance(node.func, cst.Name)
        kind = cst.SetComp if node.func.value == "set" else cst.ListComp
        taken = node.args[0].value
    items = cst.CompFor(_ITEM, taken, asynchronous=cst.Asynchronous())
    made = kind(_ITEM, items)
    return made.with_changes(lpar=node.lpar, rpar=node.rpar) if taken is not node else made
