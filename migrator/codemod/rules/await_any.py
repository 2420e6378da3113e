"""`any(rows())` becomes `await any_of(rows())`, which asks for no more items than it needs."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The call of the async twin; it takes an async iterable."""
    assert isinstance(node.func, cst.Name)
    name = context.use("migrator.runtime.db", f"{node.func.value}_of")
    return in_place_of(node, awaited(node.with_changes(func=cst.Name(name), lpar=[], rpar=[])))
