"""`.first_or_404()`, `.one_or_404()`, `.paginate()` become `await db.first_or_404(statement)`."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument, awaited, call, in_place_of, receiver
from migrator.codemod.rewriting.splice import Source, Tangled, Written
from migrator.codemod.rewriting.statements import handed
from migrator.codemod.rewriting.wrapping import with_statement
from migrator.queries.helpers import PAGINATE_POSITIONS
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The statement first; the helper's own arguments by keyword."""
    assert isinstance(node, cst.Call)
    args = action.args
    statement, _ = receiver(node)
    names = _positions(action)
    others = [
        (arg if arg.keyword is not None else argument(arg.value, names[index])).with_changes(
            comma=cst.MaybeSentinel.DEFAULT,
            whitespace_after_arg=cst.SimpleWhitespace(""),
        )
        for index, arg in enumerate(node.args)
    ]
    called = handed(f"{args['db']}.{args['helper']}", statement, args, *others)
    return in_place_of(node, awaited(called))


def _positions(action: Action) -> tuple[str, ...]:
    return PAGINATE_POSITIONS if action.args["helper"] == "paginate" else ("description",)


def synchronous(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """The coroutine function, called by sync code: which gets what Flask-SQLAlchemy gives there."""
    if isinstance(node, cst.Call):
        node = node.with_changes(args=[*node.args, argument("False", "first_column")])
    return call(context.use("migrator.runtime.db", "unbridge"), node)


def splice(source: Source, node: ast.AST, action: Action, context: Context) -> Written:
    """The same as text, for arguments on one line each."""
    assert isinstance(node, ast.Call)
    args = action.args
    if args.get("statement"):
        raise Tangled
    statement, _ = source.receiver(node)
    others = [
        f"{name}={source.between(*source.plain(value))}"
        for name, value in zip(_positions(action), node.args, strict=False)
    ]
    others += [source.between(*source.keyword(keyword)) for keyword in node.keywords]
    starred = any(isinstance(a, ast.Starred) for a in node.args)
    if starred or len(others) < len(node.args) or "\n" in "".join(others):
        raise Tangled
    function = f"{args['db']}.{args['helper']}"
    code = with_statement(function, statement, source.indent(node), others)
    return Written(code, awaited=True)
