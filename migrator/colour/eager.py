"""Loader options at queries whose objects load something lazily, one by one.

That they do says a trace, or the code: what is certainly read of the objects before anything is
written. An option is placed only where it changes no result: the query's own rows and their order
stay what they are (`selectinload` is a statement of its own; `joinedload` serves single rows), and
nothing writes what the relationship shows between the query and the access. Everything else stays
lazy; what a trace asked for is reported.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from migrator.colour.decide import Decisions
from migrator.colour.facts import Fact, FunctionFacts
from migrator.colour.fetches import Fetch, Fetches
from migrator.colour.lattice import holds, may_load
from migrator.colour.loader_tree import (
    Chain,
    Load,
    LoaderTree,
    Site,
    names_in,
)
from migrator.colour.mutations import Mutations, Written
from migrator.colour.quiet import TELLING, Quiet
from migrator.colour.read_values import Held, Path, Reads
from migrator.colour.reads import Certain
from migrator.colour.state import State
from migrator.colour.together import Together, names_of
from migrator.colour.traced import TracedSteps
from migrator.index.definitions import Module
from migrator.index.walk import walk
from migrator.queries.executions import PINNED
from migrator.queries.roots import BARE
from migrator.queries.step import Action
from migrator.queries.types import Instance, Query, Unknown
from migrator.trace.evidence import LazyLoads, Trace, TracedQuery

#: "never": no options; "trace": where a trace asks for them; "static": by the code as well.
Eager: TypeAlias = Literal["never", "trace", "static"]
_PLACEABLE = frozenset(
    {BARE, "filter", "order_by", "limit", "offset", "slice", "join", "select_from", "options",
     "distinct"}
)  # fmt: skip
_LISTENING = re.compile(
    r"do_orm_execute|before_compile|reconstructor|listens?(?:_for)?\([^)]*[\"'](?:load|refresh)[\"']"
)


@dataclass(frozen=True, slots=True)
class Note:
    """An option that was placed, or evidence that none came of: where, what and why."""

    module: str
    line: int
    column: int
    symbol: str
    code: str
    message: str


@dataclass(slots=True)
class Placements:
    """Actions by function key, for nodes of it; and what was not placed."""

    actions: dict[str, list[tuple[ast.expr, Action]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def place(
    state: State, decisions: Decisions, trace: Trace | None, folder: str, eager: Eager
) -> Placements:
    """What the evidence asks for, over all modules; `folder` is the name of the project's own."""
    if eager == "never" or (eager == "trace" and trace is None):
        return Placements()
    placing = _Placing(state, decisions)
    if trace is not None:
        _traced(placing, trace, folder)
    if eager == "static":
        placing.all()
    return placing.result


def _traced(placing: _Placing, trace: Trace, folder: str) -> None:
    for module in placing.state.project.modules.values():
        source = module.source
        digest = hashlib.sha256(source.encode(source.text)).hexdigest()
        name = trace.file_for(module.path, folder, digest)
        queries = [q for q in trace.queries if q.path == name]
        if not queries:
            continue
        if name is None or trace.files[name] != digest:
            placing.stale(module, queries)
            continue
        for query in queries:
            placing.traced(module, query)


class _Placing:
    def __init__(self, state: State, decisions: Decisions) -> None:
        self.state = state
        self.decisions = decisions
        self.traced_steps = TracedSteps(state)
        self.together = Together(state, decisions.wrapped_by)
        self.mutations = Mutations(state)
        self.certain = Certain(state, self.together, Quiet(state, self.together, self.mutations))
        self.result = Placements()
        #: Ids of the nodes of queries that a trace speaks of.
        self._known: set[int] = set()
        self._catching: dict[str, bool] = {}
        self._around: dict[str, tuple[Written, str]] = {}
        self._fetched: dict[str, Fetches] = {}
        self.listener = next(
            (m.path for m in state.project.modules.values() if _LISTENING.search(m.source.text)),
            "",
        )

    # -- evidence that nothing can be made of ----------------------------------------------

    def stale(self, module: Module, queries: list[TracedQuery]) -> None:
        loads = sum(lazy.loads for query in queries for lazy in query.lazy)
        message = f"the file has changed since the trace was recorded; {loads} loads are left out"
        self.result.notes.append(Note(module.name, 1, 1, "", "MIG601", message))

    def _lazy(self, module: Module, query: TracedQuery, load: Load, why: str) -> None:
        """Reported where it is N+1: a single load costs one statement."""
        if load.most > 1 and load.kind not in ("deferred", "expired"):
            message = f"{load.text} stays lazy ({load.most} loads in a run): {why}"
            column = max(query.column, 0) + 1
            note = Note(module.name, query.line, column, query.function, "MIG602", message)
            self.result.notes.append(note)

    # -- one query -------------------------------------------------------------------------

    def traced(self, module: Module, traced: TracedQuery) -> None:
        """A query of which a trace says what it loads."""
        loads = tuple(map(_load, traced.lazy))
        found = list(self.traced_steps.of(module, traced))
        why = "the query is not found in the source" if len(found) != 1 else ""
        suitable: tuple[Query, Fetch] | str = why
        if not why:
            facts, fact = found[0]
            self._known.add(id(fact.node))
            suitable = self._suitable(facts, fact, traced.entity)
        if isinstance(suitable, str):
            for load in loads:
                self._lazy(module, traced, load, suitable)
            return
        query, fetch = suitable
        certain = self._reads(facts, fetch, query)
        self._choose(
            facts, fact, fetch, query, loads, traced.fruitful, certain,
            lambda load, why: self._lazy(module, traced, load, why),
        )  # fmt: skip

    def all(self) -> None:
        """The queries that no trace speaks of: what is certainly read is loaded with them."""
        for facts in self.state.facts.values():
            for fact in facts:
                if fact.kind != "step" or id(fact.node) not in facts.fetched:
                    continue
                if id(fact.node) in self._known:
                    continue
                suitable = self._suitable(facts, fact, "")
                if isinstance(suitable, str):
                    continue
                query, fetch = suitable
                certain = self._reads(facts, fetch, query)
                loads = tuple(self._expected(fetch, query, certain))
                if loads:
                    self._choose(facts, fact, fetch, query, loads, 1, certain, None)

    def _reads(self, facts: FunctionFacts, fetch: Fetch, query: Query) -> Reads:
        """What is certainly read of the objects that a query gives."""
        lead = self.state.models.by_key[query.selects[0].key]
        held = Held((), fetch.many, rows=fetch.rows)
        return self.certain.reads(facts.key, fetch.source, held, lead)

    def _expected(self, fetch: Fetch, query: Query, certain: Reads) -> Iterator[Load]:
        """The loads of what is read: one for a single object, several where several come."""
        many: dict[Path, bool] = {(): fetch.many}
        for path in sorted(certain.paths, key=lambda p: (len(p), p)):
            model = self.state.models.by_key[query.selects[0].key]
            for name in path[:-1]:
                model = self.state.models.by_key[model.relationships[name].target]
            if path[:-1] not in many:
                continue
            several = many[path[:-1]]
            many[path] = several or model.relationships[path[-1]].uselist
            count = 2 if several else 1
            yield Load(path, f"{model.name}.{path[-1]}", "", count, count, 1, 1)

    def _choose(
        self,
        facts: FunctionFacts,
        fact: Fact,
        fetch: Fetch,
        query: Query,
        loads: tuple[Load, ...],
        runs: int,
        certain: Reads,
        stays: Callable[[Load, str], None] | None,
    ) -> None:
        """Place the options that are worth it, where the query runs."""
        node = fact.node
        assert isinstance(node, ast.expr)
        lead = self.state.models.by_key[query.selects[0].key]
        around = frozenset(names_of(self.together.node(facts.key)))
        above = self.together.above(facts.key)
        site = Site(
            facts.key, names_in(self.together.node(facts.key), node), around, query, fetch.method, loads, runs, certain,
            traced=stays is not None,
            caught=any(map(self._catches, above)),
            quiet=all(map(self.certain.quiet.function, above)),
        )  # fmt: skip
        tree = LoaderTree(
            self.state,
            site,
            lambda shown: self._free(facts.key, shown),
            stays if stays is not None else lambda load, why: None,
        )
        chains = tree.chains(lead)
        if chains:
            _, queries = facts.fetched[id(node)]
            mixed = len({q.selects for q in queries}) > 1
            self._put(facts.key, fetch, lead.key, chains, mixed=mixed)
        if not site.traced:
            self._placed(facts.key, node, chains, certain)

    def _placed(self, key: str, node: ast.expr, chains: tuple[Chain, ...], certain: Reads) -> None:
        """Say what asked for each option, where no trace did."""
        module, _, symbol = key.partition(":")
        for chain in chains:
            path = tuple(name for _, _, name in chain)
            text = " → ".join(f"{of.rpartition(':')[2]}.{name}" for _, of, name in chain)
            message = f"{text} is loaded with the query: {certain.places.get(path, '')} reads it"
            note = Note(module, node.lineno, node.col_offset + 1, symbol, "MIG603", message)
            self.result.notes.append(note)

    def _catches(self, key: str) -> bool:
        """Whether a function may go on behind an error."""
        known = self._catching.get(key)
        if known is None:
            known = self._catching[key] = any(
                isinstance(node, ast.Try | ast.TryStar) and node.handlers
                for node in walk(self.together.node(key))
            )
        return known

    def _free(self, key: str, shown: set[str]) -> str:
        """Why what these models show may change while the query's objects are in use."""
        written, why = self.around(key)
        if why:
            return why
        changed = sorted(shown & written.models)
        names = ", ".join(k.rpartition(":")[2] for k in changed)
        return f"{names} may be written in between" if changed else ""

    def _put(
        self, key: str, fetch: Fetch, lead: str, chains: tuple[Chain, ...], *, mixed: bool
    ) -> None:
        """The action at the statement; where queries of several classes arrive there, one for all."""
        here = self.result.actions.setdefault(key, [])
        known = [action for place, action in here if place is fetch.at]
        if known and mixed:
            known[0].args["chains"][lead] = chains
        else:
            args = {"chains": {lead: chains}, "mixed": mixed, "keyword": fetch.by_identity}
            here.append((fetch.at, Action("load_options", args)))

    def _suitable(self, facts: FunctionFacts, fact: Fact, entity: str) -> tuple[Query, Fetch] | str:
        """The query that runs at this step, of the class `entity` ("": any one class).

        Or why no option can stand there.
        """
        decision = self.decisions.get(facts.key)
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
        if query is None:
            return "several queries run here"
        if query.dynamic or not query.single_entity or query.partial:
            return "the query yields more than the objects of one class, or parts of them"
        unknown = {name for name in query.state - _PLACEABLE if not name.startswith(PINNED)}
        if unknown:
            return f"the query uses {', '.join(sorted(unknown))}"
        model = self.state.models.by_key.get(query.selects[0].key)
        if model is None or query.selects[0].alias:
            return "the query is over an alias"
        fetch = self._fetches(facts).at(fact, model)
        if isinstance(fetch, str):
            return fetch
        if self.listener:
            return f"{self.listener} listens to what is loaded"
        return query, fetch

    def _fetches(self, facts: FunctionFacts) -> Fetches:
        """What is known of the fetches of a function."""
        known = self._fetched.get(facts.key)
        if known is None:
            known = self._fetched[facts.key] = Fetches(facts, self.together.node(facts.key))
        return known

    # -- what runs together ----------------------------------------------------------------

    def around(self, key: str) -> tuple[Written, str]:
        """What may be written in any call of which the function `key` is a part; why it can't be told."""
        if key not in self._around:
            self._around[key] = self._run_together(key)
        return self._around[key]

    def _run_together(self, key: str) -> tuple[Written, str]:
        together = self.together
        above = together.above(key)
        escaping = self._escapes(above)
        if escaping:
            return Written(), f"{escaping} hands objects out, to code that is not here"
        if above & together.registered:
            # A hook or a listener runs with every view.
            above = together.everything()
        written = Written()
        for function in sorted(together.below(above | together.registered)):
            node = together.node(function)
            written |= self.mutations.of(function, node)
            telling = names_of(node) & TELLING
            if telling:
                return written, f"{function.partition(':')[2]} uses {min(telling)}"
        if written.anything:
            return written, f"{written.anything} may write anything, and may run with it"
        return written, ""

    def _escapes(self, above: set[str]) -> str:
        """A function that nobody here calls and whose result may hold an object."""
        for key in sorted(above - self.together.registered):
            info = self.state.project.functions.get(key)
            if info is None or key in self.state.entries or self.together.callers(key) - {key}:
                continue
            value = self.state.returns.get(key)
            if may_load(value) or holds(value, (Instance, Unknown)):
                return info.name
        return ""


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


def _load(lazy: LazyLoads) -> Load:
    return Load(
        tuple(a.name for a in lazy.along),
        " → ".join(map(str, lazy.along)),
        *(lazy.kind, lazy.loads, lazy.most, lazy.in_runs, lazy.fruitful),
    )


def _same_class(key: str, entity: str) -> bool:
    """Whether a model is the class that the trace names; its root may lie further up."""
    module, _, name = key.partition(":")
    traced_module, _, traced_name = entity.partition(":")
    return name == traced_name and f".{traced_module}".endswith(f".{module}")
