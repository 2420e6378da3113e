"""`def f` becomes `async def f`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The function, asynchronous; one that is already stays as it is."""
    if node.asynchronous is not None:
        return node
    return node.with_changes(asynchronous=cst.Asynchronous())
