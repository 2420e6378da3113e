"""What becomes of one function."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from migrator.queries.step import Refusal


@dataclass(slots=True)
class Decision:
    """What becomes of one function.

    `mode` is plain (no I/O; its text may still change, when it builds queries), native, bridged or
    left. `awaited` says that callers must await it.
    """

    key: str
    mode: str = "plain"
    #: Its own text is `async def` now.
    asynchronous: bool = False
    #: Calling it by its name gives an awaitable (its decorators included).
    awaited: bool = False
    #: Calling it gives an async generator, or an async context manager, that nobody awaits.
    streams: bool = False
    #: Native under `@unbridged`: a plain function to its callers, for `reason`.
    unbridged: bool = False
    reason: Refusal | None = None
    #: The expressions of a native function that run in the bridge as a whole.
    bridges: dict[int, ast.expr] = field(default_factory=dict)
    #: Ids of those of them in which queries are legacy queries.
    legacy: frozenset[int] = frozenset()
    #: Callee that makes it do I/O (for the chain that explains why), or "".
    because: str = ""
    #: The function that it exchanges queries with and that keeps them legacy, or "".
    partner: str = ""

    #: Callers that can't be followed get a query from it, which has to be a legacy one.
    gives_unseen: bool = False
    #: Bridged, but its queries are selects all the same: native code hands them to it.
    converts: bool = False
    #: Settled: its queries stay legacy queries, since somebody it works with needs them.
    kept: bool = False

    def bridge_nothing(self) -> None:
        """No expression of it runs in the bridge by itself: all of it does, or nothing."""
        self.bridges, self.legacy = {}, frozenset()

    @property
    def keeps_queries(self) -> bool:
        """Whether the legacy queries in it stay legacy queries."""
        return (self.mode == "bridged" and not self.converts) or (self.mode == "left" and self.kept)
