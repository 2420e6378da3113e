"""`def f` becomes `@unbridged async def f`: a native body, and a plain function to its callers."""

from __future__ import annotations

import ast
import re

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.splice import Source
from migrator.queries.step import Action

_DEF = re.compile(r"()def ")


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The function, asynchronous, with the decorator nearest to it."""
    decorator = cst.Decorator(cst.Name(context.use("migrator.runtime.db", "unbridged")))
    return node.with_changes(
        asynchronous=cst.Asynchronous(), decorators=[*node.decorators, decorator]
    )


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> None:
    """The same as text."""
    name = context.use("migrator.runtime.db", "unbridged")
    source.replace(node, _DEF, f"@{name}\n{source.indentation(node)}async ")
