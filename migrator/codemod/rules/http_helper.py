"""`.first_or_404()`, `.one_or_404()`, `.paginate()` become `await db.first_or_404(statement)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import argument, awaited, in_place_of, receiver
from migrator.codemod.statements import handed
from migrator.queries.helpers import PAGINATE_POSITIONS
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The statement first; the helper's own arguments by keyword."""
    assert isinstance(node, cst.Call)
    args = action.args
    statement, _ = receiver(node)
    names = PAGINATE_POSITIONS if args["helper"] == "paginate" else ("description",)
    others = [
        (arg if arg.keyword is not None else argument(arg.value, names[index])).with_changes(
            comma=cst.MaybeSentinel.DEFAULT,
            whitespace_after_arg=cst.SimpleWhitespace(""),
        )
        for index, arg in enumerate(node.args)
    ]
    called = handed(f"{args['db']}.{args['helper']}", statement, args, *others)
    return in_place_of(node, awaited(called))
