"""`case([(a, 1), (b, 2)])` of SQLAlchemy 1.x becomes `case((a, 1), (b, 2))`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import separated
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The pairs spread out, their line breaks kept; those of a variable by a star."""
    assert isinstance(node, cst.Call)
    first, *rest = node.args
    if not isinstance(first.value, cst.List):
        starred = first.with_changes(star="*")
        return node.with_changes(args=[starred, *rest])
    pairs = [
        cst.Arg(
            _pair(e.value),
            comma=e.comma,
            star="*" if isinstance(e, cst.StarredElement) else "",
        )
        for e in first.value.elements
    ]
    if rest and pairs:
        pairs[-1] = pairs[-1].with_changes(comma=first.comma)
    before = first.value.lbracket.whitespace_after
    if not before.empty:
        node = node.with_changes(whitespace_before_args=before)
    return node.with_changes(args=separated([*pairs, *rest]))


def _pair(node: cst.BaseExpression) -> cst.BaseExpression:
    """A pair that is written as a list: as an argument of its own it has to be a tuple."""
    if not isinstance(node, cst.List):
        return node
    return cst.Tuple(node.elements, lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
