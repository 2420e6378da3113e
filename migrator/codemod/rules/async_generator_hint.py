"""`Generator[int, None, None]` becomes `AsyncGenerator[int, None]`: an async one returns nothing."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Subscript, action: Action, context: Context) -> cst.Subscript:
    """The hint without the type of what is returned."""
    kept = list(node.slice[:2])
    if len(kept) == 2:
        kept[1] = kept[1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(slice=kept)
