"""`session: Session` becomes `session: AsyncSession`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The annotation of what the function gets now; `Session | None` keeps its other part."""
    name = context.use("sqlalchemy.ext.asyncio", "AsyncSession")
    return cst.Name(name)
