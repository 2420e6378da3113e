"""A set-up statement that only a Flask application understands: a comment says why it is gone."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.markers import Dropped
from migrator.queries.step import Action


def rewrite(node: cst.BaseSmallStatement, action: Action, context: Context) -> Dropped:
    """The comment alone."""
    return Dropped(comment=action.args["comment"])
