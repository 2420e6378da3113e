"""`next(rows(), None)` becomes `await anext(rows(), None)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, in_place_of
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.BaseExpression:
    """The first item of an async generator."""
    inner = node.with_changes(func=cst.Name("anext"), lpar=[], rpar=[])
    return in_place_of(node, awaited(inner))
