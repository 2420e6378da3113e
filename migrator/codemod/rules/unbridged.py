"""`def f` becomes `@unbridged async def f`: a native body, and a plain function to its callers."""

from __future__ import annotations

import ast
import re

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.splice import Source, Tangled
from migrator.queries.step import Action

_DEF = re.compile(r"()def ")


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The function, asynchronous, with the decorator nearest to it; or below others of its own."""
    decorator = cst.Decorator(cst.Name(context.use("migrator.runtime.db", "unbridged")))
    if "above" in action.args:
        listed = list(node.decorators)
        for index in reversed(action.args["above"]):
            listed.insert(index, decorator)
        return node.with_changes(decorators=listed)
    return node.with_changes(
        asynchronous=cst.Asynchronous(), decorators=[*node.decorators, decorator]
    )


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> None:
    """The same as text, nearest to the function."""
    if "above" in action.args:
        raise Tangled
    name = context.use("migrator.runtime.db", "unbridged")
    source.replace(node, _DEF, f"@{name}\n{source.indentation(node)}async ")
