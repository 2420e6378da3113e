"""`.exists()` of a query with groups or aggregates asks for rows before they are aggregated.

Query puts a 1 in the place of its columns, so `query(func.max(x)).exists()` is about the rows that
the maximum is taken of; `select(func.max(x)).exists()` is always true.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.context import Context
from migrator.codemod.nodes import argument, in_place_of, method, receiver
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The same FROM and criteria with a 1 for columns."""
    statement, dot = receiver(node)
    one = argument(f"{context.use('sqlalchemy', 'literal')}(1)")
    froms = argument("True", "maintain_column_froms")
    rows = method(statement, "with_only_columns", one, froms, dot=dot)
    return in_place_of(node, method(rows, "exists"))
