"""`Query` in a type hint becomes `Select`, `Query[Order]` becomes `Select[tuple[Order]]`."""

from __future__ import annotations

import re

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The hint of what the function gets or gives now."""
    name = context.use("sqlalchemy", "Select")
    if isinstance(node, cst.SimpleString):
        text = re.sub(r"\bSelect\b", name, action.args["text"])
        return cst.SimpleString(f"{node.quote}{text}{node.quote}")
    select = cst.Name(name)
    if not isinstance(node, cst.Subscript):
        return select
    rows = cst.Subscript(cst.Name("tuple"), node.slice)
    return cst.Subscript(select, [cst.SubscriptElement(cst.Index(rows))])
