"""`.exists()` of a query with groups, aggregates or several entities asks for rows of the first one.

Query puts a 1 in the place of its columns, so `query(func.max(x)).exists()` is about the rows that
the maximum is taken of; `select(func.max(x)).exists()` is always true. With its columns a query
loses their FROM, and selects from the entity of the first one.
"""

from __future__ import annotations

import libcst as cst

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.nodes import argument, in_place_of, method, receiver
from migrator.queries.step import Action


def rewrite(node: cst.BaseExpression, action: Action, context: Context) -> cst.BaseExpression:
    """The same criteria with a 1 for columns, on the first one's entity."""
    statement, dot = receiver(node)
    entity, key = action.args["entity"], action.args["key"]
    if key and not entity:
        module, _, name = key.partition(":")
        entity = context.use(module, name)
    one = argument(f"{context.use('sqlalchemy', 'literal')}(1)")
    rows = method(statement, "with_only_columns", one, dot=dot)
    if entity:
        rows = method(rows, "select_from", argument(entity))
    return in_place_of(node, method(rows, "exists"))
