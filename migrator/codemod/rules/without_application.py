"""`jwt = JWTManager(app)` becomes `jwt = JWTManager(None)` where something asks for `jwt`: the extension stays behind."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Call, action: Action, context: Context) -> cst.Call:
    """The same call, with None for the application."""
    return node.with_changes(
        args=[
            argument.with_changes(value=cst.Name("None"))
            if (
                place == action.args.get("place")
                if argument.keyword is None
                else argument.keyword.value == action.args.get("keyword")
            )
            else argument
            for place, argument in enumerate(node.args)
        ]
    )
