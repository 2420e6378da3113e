"""The tables' front: what the analysis asks of each kind of receiver.

Every function gives a `Step` and never raises; what is not known for certain is refused.
"""

from __future__ import annotations

import ast

from migrator.queries import refusals
from migrator.queries.helpers import db_step, pagination_attribute, query_helper
from migrator.queries.middles import middle
from migrator.queries.refusals import refuse
from migrator.queries.removed import STATEMENT, engine_step, text_given
from migrator.queries.roots import dynamic_attribute, query_attribute, query_call
from migrator.queries.rows import (
    GONE_METHODS,
    MAPPING,
    OF_MAPPING,
    as_mapping,
    asks_for_name,
    names_item,
    row_attribute,
    row_call,
)
from migrator.queries.selects import result_step, select_call, select_step
from migrator.queries.sessions import (
    CONNECTION,
    KEPT_TRANSACTION,
    MAPPED,
    OF_ONE,
    OF_WHOLE,
    ON_CONNECTION,
    SELECTING,
    TRANSACTION,
    as_given,
    connection_step,
    kept_transaction,
    mapped_step,
    on_connection,
    session_member,
    session_step,
    transaction_step,
)
from migrator.queries.step import Step, TypeOf
from migrator.queries.subscripts import query_subscript
from migrator.queries.terminals import (
    hand_off,
    query_choice,
    query_iteration,
    query_member,
    query_or_rows,
    query_truth,
    terminal,
)
from migrator.queries.types import NONE, UNKNOWN, Query
from migrator.queries.writes import write

#: What a dynamic relationship's collection has beside the methods of a query: no database.
_COLLECTION = frozenset({"append", "extend", "add", "add_all", "remove"})


def query_step(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """What one method call on a query means; a method that Query doesn't have is refused."""
    if query.dynamic and method in _COLLECTION:
        return Step(NONE)
    for table in (middle, terminal, hand_off, write, query_helper):
        step = table(query, method, call, typeof)
        if step is not None:
            return step
    # A method of the repository's own may run the query.
    return Step(UNKNOWN, io=True, refusal=refuse(refusals.UNKNOWN_METHOD, f"{method}()"))


__all__ = [
    "CONNECTION",
    "GONE_METHODS",
    "KEPT_TRANSACTION",
    "MAPPED",
    "MAPPING",
    "OF_MAPPING",
    "OF_ONE",
    "OF_WHOLE",
    "ON_CONNECTION",
    "SELECTING",
    "STATEMENT",
    "TRANSACTION",
    "as_given",
    "as_mapping",
    "asks_for_name",
    "connection_step",
    "db_step",
    "dynamic_attribute",
    "engine_step",
    "kept_transaction",
    "mapped_step",
    "names_item",
    "on_connection",
    "pagination_attribute",
    "query_attribute",
    "query_call",
    "query_choice",
    "query_iteration",
    "query_member",
    "query_or_rows",
    "query_step",
    "query_subscript",
    "query_truth",
    "result_step",
    "row_attribute",
    "row_call",
    "select_call",
    "select_step",
    "session_member",
    "session_step",
    "text_given",
    "transaction_step",
]
