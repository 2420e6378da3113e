"""`with session.begin():` becomes `async with session.begin():`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.With, action: Action, context: Context) -> cst.With:
    """The statement, asynchronous."""
    if node.asynchronous is not None:
        return node
    return node.with_changes(asynchronous=cst.Asynchronous())
