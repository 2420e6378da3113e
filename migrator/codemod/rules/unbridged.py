"""`def f` becomes `@unbridged async def f`: a native body, and a plain function to its callers."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.FunctionDef, action: Action, context: Context) -> cst.FunctionDef:
    """The function, asynchronous, with the decorator nearest to it."""
    decorator = cst.Decorator(cst.Name(context.use("migrator.runtime.db", "unbridged")))
    return node.with_changes(
        asynchronous=cst.Asynchronous(), decorators=[*node.decorators, decorator]
    )
