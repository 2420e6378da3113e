"""`order.customer` becomes `(await order.awaitable_attrs.customer)`: reading it may load."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import awaited
from migrator.queries.step import Action


def rewrite(node: cst.Attribute, action: Action, context: Context) -> cst.BaseExpression:
    """The attribute through `AsyncAttrs.awaitable_attrs`."""
    attributes = cst.Attribute(node.value, cst.Name("awaitable_attrs"))
    return awaited(node.with_changes(value=attributes))
