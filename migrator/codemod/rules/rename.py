"""A name becomes another one: `Flask` becomes `App`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Written
from migrator.queries.step import Action


def rewrite(node: cst.Name, action: Action, context: Context) -> cst.Name:
    """The new name."""
    return node.with_changes(value=action.args["name"])


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    return Written(action.args["name"])
