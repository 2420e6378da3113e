"""What one evaluation looks at and what it changes: enough to do it again without evaluating.

An evaluation is a function of what it reads of the analysis' tables, of the bodies that it looks at,
and of everything outside of bodies. Where all that is as it was, its changes are too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from migrator.types.state import State

#: An entry of a table: the table's name and its key there.
Entry: TypeAlias = tuple[str, Any]


@dataclass(slots=True)
class Journal:
    """`reads`: what the entries held before; `effects`: the changes, in order; `marks`: see `State.mark`."""

    reads: dict[Entry, Any] = field(default_factory=dict)
    #: What entries held that were written to, of which no reader is to be told.
    before: dict[Entry, Any] = field(default_factory=dict)
    effects: list[tuple[Entry, Any]] = field(default_factory=list)
    marks: dict[Entry, None] = field(default_factory=dict)

    def saw(self, entry: Entry, value: Any) -> None:
        """The entry has been read. What the evaluation itself has put there says nothing new."""
        if entry not in self.reads:
            self.reads[entry] = self.before.get(entry, value)

    def found(self, entry: Entry, value: Any) -> None:
        """The entry is joined with something: the result depends on what it held."""
        if entry not in self.before:
            self.before[entry] = value


def noted(state: State, evaluate: Callable[[State, str], None], key: str) -> Journal:
    """Evaluate a function, and note what that looks at and changes."""
    journal = state.journal = Journal()
    # Of an `async def` the body is not looked at, but nodes have their places by it.
    state.bodies.seen = {("bodies", key)}
    evaluate(state, key)
    state.journal = None
    for entry in sorted(state.bodies.seen):
        journal.saw(entry, state.held(entry))
    return journal
