"""`from legacy_app.models import Order` becomes `from target_app.models import Order`."""

from __future__ import annotations

import ast
import re

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source
from migrator.queries.step import Action

_FROM = re.compile(r"from[ \t]+([\w.]+)[ \t]+import\b")


def rewrite(node: cst.ImportFrom, action: Action, context: Context) -> cst.ImportFrom:
    """The import from the module's new name."""
    return node.with_changes(module=cst.parse_expression(action.args["module"]))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> None:
    """The same as text."""
    source.replace(node, _FROM, action.args["module"])
