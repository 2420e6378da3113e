"""`from legacy_app.models import Order` becomes `from target_app.models import Order`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.ImportFrom, action: Action, context: Context) -> cst.ImportFrom:
    """The import from the module's new name."""
    return node.with_changes(module=cst.parse_expression(action.args["module"]))
