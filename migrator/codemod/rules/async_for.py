"""`for row in rows` becomes `async for row in rows`: the rows come in portions."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.For, action: Action, context: Context) -> cst.For:
    """The statement, asynchronous."""
    if node.asynchronous is not None:
        return node
    return node.with_changes(asynchronous=cst.Asynchronous())
