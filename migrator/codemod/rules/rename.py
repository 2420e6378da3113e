"""A name becomes another one: `Flask` becomes `App`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Name, action: Action, context: Context) -> cst.Name:
    """The new name."""
    return node.with_changes(value=action.args["name"])
