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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeAlias

from migrator.colour.decide import Decisions
from migrator.eager.expiring import Expiring
from migrator.eager.loader_tree import (
    Chain,
    Load,
    LoaderTree,
    Site,
    names_in,
)
from migrator.eager.mutations import Mutations, Written
from migrator.eager.quiet import Quiet
from migrator.eager.read_values import Path, Reads
from migrator.eager.reads import Certain
from migrator.eager.suitable import Lead, Suitable
from migrator.eager.together import Together
from migrator.eager.traced import TracedSteps
from migrator.frozen import frozen
from migrator.index.definitions import Module
from migrator.index.keys import texts_are_loose
from migrator.index.walk import walk
from migrator.queries.step import Action
from migrator.queries.types import Instance, Unknown
from migrator.trace.evidence import LazyLoads, Trace, TracedQuery
from migrator.types.facts import Fact, FunctionFacts
from migrator.types.lattice import holds, may_load
from migrator.types.state import State
from migrator.types.telling import TELLING

#: "never": no options; "trace": where a trace asks for them; "static": by the code as well.
Eager: TypeAlias = Literal["never", "trace", "static"]


@frozen
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
        self.traced_steps = TracedSteps(state)
        self.together = Together(state, decisions.wrapped_by)
        self.mutations = Mutations(state)
        self.certain = Certain(state, self.together, Quiet(state, self.together, self.mutations))
        self.expiring = Expiring(state, self.together, self.mutations)
        self.suitable = Suitable(state, decisions, self.together)
        self.loosely = texts_are_loose(state.project)
        self.result = Placements()
        #: Ids of the nodes of queries that a trace speaks of.
        self._known: set[int] = set()
        self._catching: dict[str, bool] = {}
        #: By what may start it: that is the same for many functions.
        self._written: dict[frozenset[str], tuple[Written, str]] = {}
        self._around: dict[str, tuple[Written, str]] = {}

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
        leads: list[Lead] | str = why
        if not why:
            facts, fact = found[0]
            self._known.add(id(fact.node))
            leads = self.suitable.leads(facts, fact, traced.entity)
            if len(leads) > 1 and not isinstance(leads, str):
                leads = "several queries run here"
        if isinstance(leads, str):
            for load in loads:
                self._lazy(module, traced, load, leads)
            return
        [lead] = leads
        self._choose(
            facts, fact, lead, loads, traced.fruitful, self._reads(facts, lead),
            lambda load, why: self._lazy(module, traced, load, why),
        )  # fmt: skip

    def all(self) -> None:
        """The queries that no trace speaks of: what is certainly read is loaded with them."""
        for facts in self.state.facts.values():
            for fact in facts:
                if fact.kind != "step" or not fact.io or id(fact.node) not in facts.fetched:
                    continue
                if id(fact.node) in self._known:
                    continue
                leads = self.suitable.leads(facts, fact)
                for lead in leads if not isinstance(leads, str) else ():
                    certain = self._reads(facts, lead)
                    loads = tuple(self._expected(lead, certain))
                    if loads:
                        self._choose(facts, fact, lead, loads, 1, certain, None)

    def _reads(self, facts: FunctionFacts, lead: Lead) -> Reads:
        """What is certainly read of the objects that a query gives."""
        return self.certain.reads(facts.key, lead.fetch.source, lead.held, lead.model)

    def _expected(self, lead: Lead, certain: Reads) -> Iterator[Load]:
        """The loads of what is read: one for a single object, several where several come."""
        many: dict[Path, bool] = {(): lead.fetch.many}
        for path in sorted(certain.paths, key=lambda p: (len(p), p)):
            model = lead.model
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
        lead: Lead,
        loads: tuple[Load, ...],
        runs: int,
        certain: Reads,
        stays: Callable[[Load, str], None] | None,
    ) -> None:
        """Place the options that are worth it, where the query runs."""
        node = fact.node
        assert isinstance(node, ast.expr)
        named = names_in(node, partial(self.together.given, facts.key))
        above = self.together.above(facts.key)
        site = Site(
            facts.key, named, self.together.names(facts.key), lead, loads, runs, certain,
            traced=stays is not None,
            caught=any(map(self._catches, above)),
            quiet=all(map(self.certain.quiet.function, above)),
            renewed=self.expiring.written(
                facts.key, self.state.models.family(lead.model), lambda: self._all_of(facts.key)
            ),
            loosely=self.loosely,
        )  # fmt: skip
        tree = LoaderTree(
            self.state,
            site,
            lambda shown: self._free(facts.key, shown),
            stays if stays is not None else lambda load, why: None,
        )
        chains = tree.chains()
        if chains:
            _, queries = facts.fetched[id(node)]
            mixed = len({q.selects for q in queries}) > 1
            self._put(facts.key, lead, chains, mixed=mixed)
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

    def _put(self, key: str, lead: Lead, chains: tuple[Chain, ...], *, mixed: bool) -> None:
        """The action at the statement: one, for all the classes that arrive there."""
        fetch = lead.fetch
        here = self.result.actions.setdefault(key, [])
        known = [action for place, action in here if place is fetch.at]
        if known:
            known[0].args["chains"][lead.model.key] = chains
        else:
            args = {
                "chains": {lead.model.key: chains},
                "mixed": mixed,
                "keyword": fetch.by_identity,
            }
            here.append((fetch.at, Action("load_options", args)))

    # -- what runs together ----------------------------------------------------------------

    def around(self, key: str) -> tuple[Written, str]:
        """What may be written in any call of which the function `key` is a part; why it can't be told."""
        if key not in self._around:
            self._around[key] = self._run_together(key)
        return self._around[key]

    def _all_of(self, key: str) -> Written:
        """What may be written around a function; what can't be told is anything."""
        written, why = self.around(key)
        return Written(written.models, written.anything or why)

    def _run_together(self, key: str) -> tuple[Written, str]:
        together = self.together
        above = together.above(key)
        escaping = self._escapes(above)
        if escaping:
            return Written(), f"{escaping} hands objects out, to code that is not here"
        if above & together.registered:
            # A hook or a listener runs with every view.
            above = together.everything
        starting = above | together.registered
        if starting not in self._written:
            self._written[starting] = self._written_by(starting)
        return self._written[starting]

    def _written_by(self, starting: frozenset[str]) -> tuple[Written, str]:
        together = self.together
        written = Written()
        for function in sorted(together.below(starting)):
            written |= self.mutations.of(function, together.node(function))
            telling = together.names(function) & TELLING
            if telling:
                return written, f"{function.partition(':')[2]} uses {min(telling)}"
        if written.anything:
            return written, f"{written.anything} may write anything, and may run with it"
        return written, ""

    def _escapes(self, above: frozenset[str]) -> str:
        """A function that nobody here calls and whose result may hold an object."""
        for key in sorted(above - self.together.registered):
            info = self.state.project.functions.get(key)
            if info is None or key in self.state.entries or self.together.callers(key) - {key}:
                continue
            value = self.state.returns.get(key)
            if may_load(value) or holds(value, (Instance, Unknown)):
                return info.name
        return ""


def _load(lazy: LazyLoads) -> Load:
    return Load(
        tuple(a.name for a in lazy.along),
        " → ".join(map(str, lazy.along)),
        *(lazy.kind, lazy.loads, lazy.most, lazy.in_runs, lazy.fruitful),
    )
