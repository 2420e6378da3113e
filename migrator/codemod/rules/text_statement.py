"""`session.execute("SELECT 1")` becomes `session.execute(text("SELECT 1"))`, as SQLAlchemy 1.x read it."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The text as a statement."""
    return call(context.use("sqlalchemy", "text"), cst.Arg(node))
