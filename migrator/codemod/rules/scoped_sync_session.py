"""In the bridge, `db_session.query(...)` is `db_session().sync_session.query(...)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import attribute, call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The Session underneath this task's AsyncSession."""
    return attribute(call(node), "sync_session")
