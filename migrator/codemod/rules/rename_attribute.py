"""The attribute of a module becomes another one: `flask.Flask` becomes `flask.App`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Attribute, action: Action, context: Context) -> cst.Attribute:
    """The same owner, the new attribute."""
    return node.with_changes(attr=cst.Name(action.args["name"]))
