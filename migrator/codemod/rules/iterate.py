"""A query that is looped over, listed or unpacked is executed there.

`for order in query` becomes `for order in (await session.scalars(query)).unique()`.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import awaited, in_place_of
from migrator.codemod.rewriting.statements import executed, handed, streamed
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The rows of the query, in memory; an asynchronous iterable for a stream that `async for` takes."""
    args = action.args
    query = node.with_changes(lpar=[], rpar=[])
    if args["listed"]:
        return in_place_of(node, streamed(query, args, "all"))
    if args["stream"]:
        name = "stream_scalars" if args["verb"] == "scalars" else "stream"
        called = handed(f"{args['session']}.{name}", query, args)
        return in_place_of(node, awaited(called))
    return in_place_of(node, executed(query, action, context))
