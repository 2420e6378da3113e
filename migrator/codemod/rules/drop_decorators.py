"""A left view that other code still calls keeps its body and loses its routes."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(
    node: cst.FunctionDef | cst.ClassDef, action: Action, context: Context
) -> cst.FunctionDef | cst.ClassDef:
    """The definition without the decorators at `indexes`, and the comment above it."""
    gone = set(action.args["indexes"])
    decorators = [d for i, d in enumerate(node.decorators) if i not in gone]
    comment = cst.EmptyLine(comment=cst.Comment(action.args["comment"]))
    return node.with_changes(decorators=decorators, leading_lines=[*node.leading_lines, comment])
