"""`scoped_session(factory)` becomes `async_scoped_session(factory)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """A session a task, as there was one a thread; a scope function of its own goes."""
    scoped = context.use("migrator.runtime.db", "async_scoped_session")
    if len(node.args) == 1:
        return node.with_changes(func=cst.Name(scoped))
    factory = [given.with_changes(comma=cst.MaybeSentinel.DEFAULT) for given in node.args[:1]]
    return node.with_changes(func=cst.Name(scoped), args=factory)
