"""`def f` becomes `async def f`."""

from __future__ import annotations

import ast
import re

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source
from migrator.queries.step import Action

_DEF = re.compile(r"()def ")


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The function, asynchronous; one that is already stays as it is."""
    if node.asynchronous is not None:
        return node
    return node.with_changes(asynchronous=cst.Asynchronous())


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> None:
    """The same as text."""
    source.replace(node, _DEF, "async ")
