"""`.all()`, `.first()`, `.one()`, `.scalar()`: the statement is executed and its rows fetched.

`(await session.scalars(statement)).unique().all()`, and so on: rule 0 of legacy queries.
"""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument, in_place_of, method, plain_dot, receiver
from migrator.codemod.rewriting.splice import Source, Tangled, Written
from migrator.codemod.rewriting.statements import executed, streamed
from migrator.codemod.rewriting.wrapping import with_statement
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """Execute the receiver; `args` say how, and which method takes the rows."""
    args = action.args
    statement, dot = receiver(node)
    if args["limit"]:
        statement = method(statement, "limit", argument("1"), dot=dot)
        dot = cst.Dot()
    if args["stream"]:
        return in_place_of(node, streamed(statement, args, args["tail"]))
    if not args["tail"]:
        return in_place_of(node, executed(statement, action, context))
    rows = executed(statement, action, context)
    return in_place_of(node, method(rows, args["tail"], dot=plain_dot(dot)))


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text."""
    args = action.args
    if args["stream"] or args.get("rows") or args.get("statement") or args.get("owner"):
        raise Tangled
    statement, dot = source.receiver(node)
    if args["limit"]:
        statement += f"{dot}limit(1)"
    code = with_statement(f"{args['session']}.{args['verb']}", statement, source.indent(node))
    if not args["unique"] and not args["tail"]:
        return Written(code, awaited=True)
    code = f"(await {code})" + ".unique()" * bool(args["unique"])
    return Written(f"{code}.{args['tail']}()" if args["tail"] else code)
