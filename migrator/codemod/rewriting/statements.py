"""Executing a statement: `(await session.scalars(statement)).unique()` and its variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import attribute, awaited, method, with_statement
from migrator.queries.step import Action


def handed(
    function: str, statement: cst.BaseExpression, args: Mapping[str, Any], *others: cst.Arg
) -> cst.Call:
    """`function(statement)`; a dynamic relationship's query gives its statement first."""
    if args.get("statement"):
        statement = attribute(statement, "statement")
    return with_statement(function, statement, *others)


def executed(statement: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The awaited result of the statement, made unique where a legacy query does."""
    args = action.args
    if args.get("owner"):
        # The object that the query hangs on knows the session, and the query what its rows are.
        name = "owner_rows_now" if action.sync else "owner_rows"
        return awaited(handed(context.use("migrator.runtime.db", name), statement, {}))
    if args.get("rows"):
        name = "rows_of" if args["rows"] == "either" else "query_rows"
        name = context.use("migrator.runtime.db", f"{name}_now" if action.sync else name)
        session = cst.Arg(cst.parse_expression(args["session"]))
        return awaited(handed(name, statement, args, session))
    called = handed(f"{args['session']}.{args['verb']}", statement, args)
    if args["unique"]:
        return method(awaited(called), "unique")
    return awaited(called)


def streamed(
    statement: cst.BaseExpression, args: Mapping[str, Any], tail: str
) -> cst.BaseExpression:
    """`await (await session.stream_scalars(statement)).all()`: the tail is a coroutine too."""
    name = "stream_scalars" if args["verb"] == "scalars" else "stream"
    called = handed(f"{args['session']}.{name}", statement, args)
    return awaited(method(awaited(called), tail))
