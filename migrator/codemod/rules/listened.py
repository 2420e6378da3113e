"""`event.listen(db.session(), ...)` and `object_session(order) is session` mean the Session under the AsyncSession."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import call
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The Session underneath, where it is no registry."""
    return call(context.use("migrator.runtime.db", "listened"), node)
