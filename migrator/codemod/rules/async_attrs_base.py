"""`class Base(DeclarativeBase)` becomes `class Base(AsyncAttrs, DeclarativeBase)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import separated
from migrator.queries.step import Action


def rewrite(node: cst.ClassDef, action: Action, context: Context) -> cst.ClassDef:
    """The class with AsyncAttrs before its other bases, or behind them."""
    own = cst.Arg(cst.Name(context.use("sqlalchemy.ext.asyncio", "AsyncAttrs")))
    bases = [b for b in node.bases if not _is_object(b.value)]
    found = [*bases, own] if action.args["where"] == "last" else [own, *bases]
    if not node.bases:
        parens = {"lpar": cst.LeftParen(), "rpar": cst.RightParen()}
        return node.with_changes(bases=separated(found), **parens)
    return node.with_changes(bases=separated(found))


def _is_object(base: cst.BaseExpression) -> bool:
    return isinstance(base, cst.Name) and base.value == "object"
