"""`.enable_eagerloads(False)` becomes `.options(lazyload("*"))`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """Every relationship is loaded lazily, whatever its mapping says."""
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    lazyload = context.use("sqlalchemy.orm", "lazyload")
    return node.with_changes(
        func=node.func.with_changes(attr=cst.Name("options")),
        args=[argument(f'{lazyload}("*")')],
    )
