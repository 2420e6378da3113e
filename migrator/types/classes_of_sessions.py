"""Classes of sessions: what makes one, and own methods that have a hand in what a session is asked."""

from __future__ import annotations

from migrator.queries.refusals import QUERY_CLASS, refuse
from migrator.queries.step import Refusal
from migrator.types.state import State

_EXECUTING = frozenset({"execute", "scalar", "scalars"})
#: The methods of a session that are called, on one side or on the other, for what is asked for by each.
_SAID_BY = {
    "query": _EXECUTING | {"query"},
    "Query": _EXECUTING,
    "Query.get": frozenset({"get", "get_one"}),
    "Query.get_or_404": frozenset({"get", "get_one"}),
    "scalars": frozenset({"execute", "scalars"}),
}


def refused_by_sessions(state: State, asked: str) -> Refusal | None:
    """Why what is asked by a method of a session or of a query has no other form: a class of sessions does more there.

    A Query executes by the session's `execute()`, an AsyncSession by other methods than a Session. A registry
    of an application's own is asked itself, by whichever method it has.
    """
    own = state.query_classes
    replaced = (own.of_sessions & _SAID_BY.get(asked, frozenset())) | (own.of_registries & {asked})
    return refuse(QUERY_CLASS, f"{min(replaced)}() of a class of sessions") if replaced else None
