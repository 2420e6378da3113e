"""`x.customer` on an x of unknown type becomes `(await bridge(getattr, x, "customer"))`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import awaited, call
from migrator.queries.step import Action


def rewrite(node: cst.Attribute, action: Action, context: Context) -> cst.BaseExpression:
    """The attribute, read where a lazy load works."""
    name = cst.SimpleString(f'"{node.attr.value}"')
    bridge = context.use("migrator.runtime.db", "bridge")
    return awaited(call(bridge, cst.Name("getattr"), node.value, name))
