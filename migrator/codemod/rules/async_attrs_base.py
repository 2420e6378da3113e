"""`class Base(DeclarativeBase)` becomes `class Base(AsyncAttrs, DeclarativeBase)`."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import separated
from migrator.queries.step import Action


def rewrite(node: cst.ClassDef, action: Action, context: Context) -> cst.ClassDef:
    """The class with AsyncAttrs before its other bases."""
    name = context.use("sqlalchemy.ext.asyncio", "AsyncAttrs")
    return node.with_changes(bases=separated([cst.Arg(cst.Name(name)), *node.bases]))
