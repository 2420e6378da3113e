"""`scoped_session(factory)` becomes `async_scoped_session(factory, scopefunc=current_task)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import argument, separated
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """A session a task, as there was one a thread; a scope function of its own goes."""
    scoped = context.use("sqlalchemy.ext.asyncio", "async_scoped_session")
    task = cst.Name(context.use("asyncio", "current_task"))
    return node.with_changes(
        func=cst.Name(scoped), args=separated([*node.args[:1], argument(task, "scopefunc")])
    )
