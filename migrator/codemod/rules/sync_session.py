"""In the bridge, `session.query(...)` on an AsyncSession is `session.sync_session.query(...)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The Session underneath the AsyncSession."""
    return cst.Attribute(node, cst.Name("sync_session"))
