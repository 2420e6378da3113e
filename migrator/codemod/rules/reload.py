"""`order`, after a commit, becomes `(await reload(order))`: a commit expires what it wrote.

Flask-SQLAlchemy's sessions expire on commit; sync code reloads at the next attribute access.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import awaited
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The value, its expired attributes loaded; nothing is sent when none are expired."""
    name = context.use("migrator.runtime.db", "reload")
    return awaited(cst.Call(cst.Name(name), [cst.Arg(node)]))
