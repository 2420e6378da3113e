"""A view or class that stays on the mount: a comment stands where it stood."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.markers import Dropped
from migrator.queries.step import Action


def rewrite(
    node: cst.FunctionDef | cst.ClassDef, action: Action, context: Context
) -> cst.SimpleStatementLine:
    """The comment, with the empty lines that stood above the definition."""
    return cst.SimpleStatementLine(
        [Dropped(comment=action.args["comment"])], leading_lines=node.leading_lines
    )
