"""`db_session.query_property()` becomes `query_property(db_session)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import argument, separated
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """An async registry has no such method; the queries run in the bridge."""
    name = context.use("migrator.runtime.db.query_property", "query_property")
    assert isinstance(node.func, cst.Attribute)
    return node.with_changes(
        func=cst.Name(name), args=separated([argument(node.func.value), *node.args])
    )
