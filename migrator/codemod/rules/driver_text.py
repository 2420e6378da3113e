"""`connection.execute("SELECT 1")` becomes `connection.exec_driver_sql("SELECT 1")`, as SQLAlchemy 1.x read it."""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.queries.step import Action


def rewrite(node: cst.Attribute, action: Action, context: Context) -> cst.Attribute:
    """The method that hands a text to the driver."""
    return node.with_changes(attr=cst.Name("exec_driver_sql"))
