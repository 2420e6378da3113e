"""`migrate = Migrate(app, db)` becomes `migrate = None`: who imports the name still finds it."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(
    node: cst.Assign | cst.AnnAssign, action: Action, context: Context
) -> cst.Assign | cst.AnnAssign:
    """The assignment of None."""
    return node.with_changes(value=cst.Name("None"))
