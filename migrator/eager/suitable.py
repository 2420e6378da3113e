"""Which queries can take loader options, where they run, and for which of their entities.

An option changes nothing in a statement of several entities, grouped, distinct or limited, where it
is a statement of its own (`selectinload`); `migrator.eager.loader_tree` says where one joins.
"""

from __future__ import annotations

import re
from dataclasses import replace

from migrator.colour.decide import Decisions
from migrator.eager.fetches import Fetch, Fetches
from migrator.eager.read_values import Held
from migrator.eager.row_items import item_of_rows
from migrator.eager.together import Together
from migrator.frozen import frozen
from migrator.index.model import Model
from migrator.index.walk import walk
from migrator.queries.executions import PINNED
from migrator.queries.roots import BARE
from migrator.queries.types import Query
from migrator.types.facts import Fact, FunctionFacts
from migrator.types.state import State

_PLACEABLE = frozenset(
    {BARE, "filter", "order_by", "limit", "offset", "slice", "join", "select_from", "options",
     "distinct", "group_by", "having", "add_columns", "with_only_columns"}
)  # fmt: skip
_LISTENING = re.compile(
    r"do_orm_execute|before_compile|reconstructor|listens?(?:_for)?\([^)]*[\"'](?:load|refresh)[\"']"
)


@frozen
class Lead:
    """One entity of a query that runs: options begin at its class, `model`."""

    model: Model
    query: Query
    fetch: Fetch
    index: int

    @property
    def loaded(self) -> frozenset[str]:
        """The relationships that the query's own options load: they are known of the first entity."""
        return self.query.loaded if self.index == 0 else frozenset()

    @property
    def beside(self) -> frozenset[str]:
        """The classes of what comes in the same row."""
        others = (s for i, s in enumerate(self.query.selects) if i != self.index)
        return frozenset(s.key for s in others if s.kind == "entity")

    @property
    def held(self) -> Held:
        """What the fetch gives of it."""
        if not self.fetch.rows:
            return Held((), self.fetch.many)
        item = item_of_rows(self.query.selects, self.index)
        return Held((), self.fetch.many, item=replace(item, mapping=self.fetch.rows == "mappings"))


class Suitable:
    """Answers by step; what is known of the fetches of each function is kept."""

    def __init__(self, state: State, decisions: Decisions, together: Together) -> None:
        self._state = state
        self._decisions = decisions
        self._together = together
        self._fetched: dict[str, Fetches] = {}
        self._listener = next(
            (m.path for m in state.project.modules.values() if _LISTENING.search(m.source.text)),
            "",
        )

    def leads(self, facts: FunctionFacts, fact: Fact, entity: str = "") -> list[Lead] | str:
        """The entities of the query that runs at this step; of the class `entity` where it says one.

        Or why no option can stand there.
        """
        decision = self._decisions.get(facts.key)
        covered = decision is not None and any(
            fact.node is n for e in decision.bridges.values() for n in walk(e)
        )
        if decision is None or decision.mode != "native" or covered or fact.action is None:
            return "its query runs in the bridge or is left"
        _, queries = facts.fetched[id(fact.node)]
        meant = {
            q
            for q in queries
            if not entity
            or any(_same_class(s.key, entity) for s in q.selects if s.kind == "entity")
        }
        query = _one(meant) if meant and all(q.selects for q in queries) else None
        several = query is not None and not query.single_entity
        if query is None or (several and len({q.selects for q in queries}) > 1):
            return "several queries run here"
        if any(s.kind in ("table", "unknown") for s in query.selects):
            return "it is not known what the query selects"
        if query.dynamic or query.partial:
            return "the query yields parts of its objects, or is a relationship's own"
        unknown = {name for name in query.state - _PLACEABLE if not name.startswith(PINNED)}
        if unknown:
            return f"the query uses {', '.join(sorted(unknown))}"
        return self._of(facts, fact, query, entity)

    def _of(self, facts: FunctionFacts, fact: Fact, query: Query, entity: str) -> list[Lead] | str:
        """The entities of a query that takes options."""
        models = self._state.models.by_key
        # What a trace says of a class may be about its alias.
        keys = [s.key for s in query.selects if s.kind == "entity" and (entity or not s.alias)]
        found: list[Lead] = []
        why = "the query yields no objects"
        for index, selected in enumerate(query.selects):
            model = models.get(selected.key) if selected.kind == "entity" else None
            if model is None or (entity and not _same_class(selected.key, entity)):
                continue
            if selected.alias or keys.count(selected.key) > 1:
                why = "the query is over an alias"
                continue
            if index and "options" in query.state:
                why = "options of the query's own may be for them"
                continue
            fetch = self._fetches(facts).at(fact, model, query)
            if isinstance(fetch, str):
                return fetch
            if index and not fetch.rows:
                why = "the first of each row alone is taken"
                continue
            found.append(Lead(model, query, fetch, index))
        if found and self._listener:
            return f"{self._listener} listens to what is loaded"
        return found or why

    def _fetches(self, facts: FunctionFacts) -> Fetches:
        """What is known of the fetches of a function."""
        known = self._fetched.get(facts.key)
        if known is None:
            known = self._fetched[facts.key] = Fetches(facts, self._together.node(facts.key))
        return known


def _one(queries: set[Query]) -> Query | None:
    """The query that runs, whichever of several refinements it is; None where they differ."""
    first, *others = queries
    for other in others:
        if other.selects != first.selects or (other.loaded, other.partial) != (
            first.loaded,
            first.partial,
        ):
            return None
        first = replace(
            first,
            state=first.state | other.state,
            multi_from=first.multi_from or other.multi_from,
            dynamic=first.dynamic or other.dynamic,
        )
    return first


def _same_class(key: str, entity: str) -> bool:
    """Whether a model is the class that the trace names; its root may lie further up."""
    module, _, name = key.partition(":")
    traced_module, _, traced_name = entity.partition(":")
    return name == traced_name and f".{traced_module}".endswith(f".{module}")
