"""`query.statement` is the query itself now: a select."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import in_place_of, receiver
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The receiver alone."""
    value, _ = receiver(node)
    return in_place_of(node, value)
