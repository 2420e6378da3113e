"""Queries that listeners for `before_compile` hear: they add criteria when the query is executed.

What such a query becomes knows its class, and the runtime asks the listeners when the select itself is
executed. Anything that puts it into another statement would hide it from them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from migrator.queries.refusals import QUERY_CLASS, refuse
from migrator.queries.roots import made_root
from migrator.queries.step import Refusal, Step
from migrator.queries.types import Query

#: The state of such a query.
LISTENED: Final = "listened"
_LISTENER: Final = "a listener for before_compile"
#: Methods after which the statement that is executed is the query itself; UPDATE and DELETE have events of their own.
_THEMSELVES: Final = frozenset(
    {
        *("filter", "filter_by", "where", "order_by", "options", "limit", "offset", "join", "outerjoin"),
        *("execution_options", "with_for_update", "distinct", "group_by", "having", "all", "first", "one", "one_or_none", "scalar"),
        *("first_or_404", "one_or_404", "update", "delete"),
    }
)  # fmt: skip


def listened_root(step: Step) -> Step:
    """The root of a query that listeners hear."""
    made = made_root(step, partial=False)
    assert isinstance(made.result, Query)
    return replace(made, result=replace(made.result, state=made.result.state | {LISTENED}))


def hidden_by(query: Query, method: str) -> Refusal | None:
    """Why listeners would not hear of a query after this method, or None."""
    if LISTENED not in query.state or method in _THEMSELVES:
        return None
    return heard(f"{method}()")


def heard(where: str = "") -> Refusal:
    """The refusal of what a listener has to hear of."""
    return refuse(QUERY_CLASS, f"{_LISTENER}, and {where}" if where else _LISTENER)
