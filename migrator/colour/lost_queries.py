"""Queries that go where they are not followed, and the calls that may be what runs them there.

Such a query stays a legacy one, which runs in the bridge alone. So a call on a receiver of unknown
type that asks what a query is asked goes through `call`, as soon as the repository has lost one.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.types.asking import asks_query
from migrator.types.facts import ROWS, Fact
from migrator.types.journal import Entry
from migrator.types.lattice import holds_query
from migrator.types.state import State


class LostQueries:
    """`found` says whether the repository has lost a query, as far as its facts say."""

    def __init__(self, state: State) -> None:
        self.found = (
            any(fact.gives_query_away for facts in state.facts.values() for fact in facts)
            # What gives one and is a value itself: whoever calls it may be out of sight.
            or any(holds_query(state.returns.get(k)) for k in {*state.escaped, *state.looked_up})
            or any(is_read_unseen(state, entry) for entry in state.query_writers)
            or any(map(state.exposed.__contains__, _givers(state)))
        )

    def may_run(self, fact: Fact) -> bool:
        """Whether one of them may run at a call on a receiver of unknown type, or in a loop."""
        if not self.found or fact.kind != "unresolved" or fact.callees:
            return False
        return fact.name == ROWS or asks_query(fact.node)


def _givers(state: State) -> Iterator[str]:
    """The keys of the classes that have a method which gives a query."""
    for key, value in state.returns.items():
        info = state.function(key) if holds_query(value) else None
        if info is not None and info.owner is not None:
            yield info.owner.key


def is_read_unseen(state: State, entry: Entry) -> bool:
    """Whether an attribute that holds a query is read where it isn't known to be that one."""
    table, (owner, name) = entry
    unseen = state.read_unseen
    if table != "attributes" or not unseen:
        return False
    cls = state.project.classes.get(owner)
    of = [c.key for c in (*state.project.mro(cls), *state.project.subclasses(cls))] if cls else []
    return any((key, asked) in unseen for key in (owner, *of, "") for asked in (name, ""))
