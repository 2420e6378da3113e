"""Loader options where a trace says that objects of a query load something lazily, one by one.

An option is placed only where it changes no result: the query's own rows and their order stay what
they are (`selectinload` is a statement of its own; `joinedload` serves single rows), and nothing
that may run together with the query writes what the relationship shows. Everything else stays lazy
and is reported.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from migrator.colour.decide import Decisions
from migrator.colour.facts import Fact, FunctionFacts
from migrator.colour.lattice import holds, may_load
from migrator.colour.mutations import Mutations, Written
from migrator.colour.state import State
from migrator.colour.together import Together, names_of
from migrator.index.models import Model, Relationship
from migrator.index.project import Module
from migrator.queries.roots import BARE
from migrator.queries.step import Action
from migrator.queries.types import Instance, Query, Unknown
from migrator.trace.evidence import Attribute, LazyLoads, Trace, TracedQuery

#: The links of an option from the query's class outwards: loader, model's key, relationship.
Chain: TypeAlias = tuple[tuple[str, str, str], ...]
#: One row at most, and the same one whatever else is in the statement.
_ONE_ROW = frozenset({"get", "get_or_404", "one", "one_or_none", "one_or_404"})
_SINGLE = _ONE_ROW | {"first", "first_or_404"}
_FETCHING = _SINGLE | {"all", "iterate", "paginate", "[]"}
_PLACEABLE = frozenset(
    {BARE, "filter", "order_by", "limit", "offset", "slice", "join", "select_from", "options",
     "distinct"}
)  # fmt: skip
#: What tells a loaded attribute from one that isn't: an option could be seen.
_TELLING = frozenset({"__dict__", "vars", "unloaded", "DetachedInstanceError", "attribute_names"})
_LISTENING = re.compile(
    r"do_orm_execute|before_compile|reconstructor|listens?(?:_for)?\([^)]*[\"'](?:load|refresh)[\"']"
)


@dataclass(frozen=True, slots=True)
class Note:
    """Evidence that no option came of: where (in the module's file), what and why."""

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


@dataclass(frozen=True, slots=True)
class _Branch:
    """A path that is worth loading: what it saves, and the chains below it, itself included."""

    saves: int
    chains: tuple[Chain, ...]


def place(state: State, decisions: Decisions, trace: Trace, folder: str) -> Placements:
    """What the evidence asks for, over all modules; `folder` is the name of the project's own."""
    placing = _Placing(state, decisions)
    for module in state.project.modules.values():
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
            placing.query(module, query)
    return placing.result


class _Placing:
    def __init__(self, state: State, decisions: Decisions) -> None:
        self.state = state
        self.decisions = decisions
        self.together = Together(state, decisions.wrapped_by)
        self.mutations = Mutations(state)
        self.result = Placements()
        self._around: dict[str, tuple[Written, str]] = {}
        self._loops: dict[str, dict[int, ast.AST]] = {}
        self.listener = next(
            (m.path for m in state.project.modules.values() if _LISTENING.search(m.source.text)),
            "",
        )

    # -- evidence that nothing can be made of ----------------------------------------------

    def stale(self, module: Module, queries: list[TracedQuery]) -> None:
        loads = sum(lazy.loads for query in queries for lazy in query.lazy)
        message = f"the file has changed since the trace was recorded; {loads} loads are left out"
        self.result.notes.append(Note(module.name, 1, 1, "", "MIG601", message))

    def _lazy(self, module: Module, query: TracedQuery, lazy: LazyLoads, why: str) -> None:
        """Reported where it is N+1: a single load costs one statement."""
        if lazy.most > 1 and lazy.kind not in ("deferred", "expired"):
            path = " → ".join(map(str, lazy.along))
            message = f"{path} stays lazy ({lazy.most} loads in a run): {why}"
            column = max(query.column, 0) + 1
            note = Note(module.name, query.line, column, query.function, "MIG602", message)
            self.result.notes.append(note)

    # -- one query -------------------------------------------------------------------------

    def query(self, module: Module, traced: TracedQuery) -> None:
        found = list(self._facts(module, traced))
        if len(found) != 1:
            self._refused(module, traced, "the query is not found in the source")
            return
        facts, fact = found[0]
        query, why = self._suitable(facts, fact, traced)
        if query is None:
            self._refused(module, traced, why)
            return
        method, queries = facts.fetched[id(fact.node)]
        lead = self.state.models.by_key[query.selects[0].key]
        tree = _Tree(self, module, facts.key, traced, query, method)
        branches = tree.below((), lead, traced.fruitful, many=method not in _SINGLE)
        chains = tuple(chain for b in branches for chain in b.chains)
        if chains:
            assert isinstance(fact.node, ast.expr)
            node = fact.node if method == "iterate" else receiver(fact.node)
            mixed = len({q.selects for q in queries}) > 1
            self._put(facts.key, node, lead.key, chains, mixed=mixed)

    def _put(
        self, key: str, node: ast.expr, lead: str, chains: tuple[Chain, ...], *, mixed: bool
    ) -> None:
        """The action at `node`; where queries of several classes arrive there, one for all."""
        here = self.result.actions.setdefault(key, [])
        known = [action for place, action in here if place is node]
        if known and mixed:
            known[0].args["chains"][lead] = chains
        else:
            args = {"chains": {lead: chains}, "mixed": mixed}
            here.append((node, Action("load_options", args)))

    def _refused(self, module: Module, traced: TracedQuery, why: str) -> None:
        for lazy in traced.lazy:
            self._lazy(module, traced, lazy, why)

    def _facts(self, module: Module, traced: TracedQuery) -> Iterator[tuple[FunctionFacts, Fact]]:
        """The steps of the module that end where the traced call ends."""
        for key, facts in self.state.facts.items():
            if key.partition(":")[0] != module.name:
                continue
            for fact in facts:
                if fact.kind == "step" and id(fact.node) in facts.fetched:
                    around = facts.loop_of.get(id(fact.node)) or self._comprehension(module, fact)
                    if _ends(fact.node, traced) or (around is not None and _ends(around, traced)):
                        yield facts, fact

    def _comprehension(self, module: Module, fact: Fact) -> ast.AST | None:
        """The comprehension that loops over the node: Python says that the loop is all of it."""
        known = self._loops.get(module.name)
        if known is None:
            assert module.source.tree is not None
            known = self._loops[module.name] = {
                id(generator.iter): node
                for node in ast.walk(module.source.tree)
                for generator in getattr(node, "generators", ())
            }
        return known.get(id(fact.node))

    def _suitable(
        self, facts: FunctionFacts, fact: Fact, traced: TracedQuery
    ) -> tuple[Query | None, str]:
        """The query of the traced class that runs at this step; or why no option can stand there."""
        decision = self.decisions.get(facts.key)
        covered = decision is not None and any(
            fact.node is n for e in decision.bridges.values() for n in ast.walk(e)
        )
        if decision is None or decision.mode != "native" or covered or fact.action is None:
            return None, "its query runs in the bridge or is left"
        method, queries = facts.fetched[id(fact.node)]
        if method not in _FETCHING:
            return None, f"no option can be put at {method}()"
        meant = {
            q
            for q in queries
            if any(_same_class(s.key, traced.entity) for s in q.selects if s.kind == "entity")
        }
        query = _one(meant) if meant else None
        if query is None:
            return None, "several queries run here"
        if query.dynamic or not query.single_entity or query.partial:
            return None, "the query yields more than the objects of one class, or parts of them"
        if not query.state <= _PLACEABLE:
            return None, f"the query uses {', '.join(sorted(query.state - _PLACEABLE))}"
        if query.selects[0].key not in self.state.models.by_key or query.selects[0].alias:
            return None, "the query is over an alias"
        if self.listener:
            return None, f"{self.listener} listens to what is loaded"
        return query, ""

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
            telling = names_of(node) & _TELLING
            if telling:
                return written, f"{function.partition(':')[2]} uses {min(telling)}"
        if written.anything:
            return written, f"{written.anything} may write anything, and may run with it"
        return written, ""

    def _escapes(self, above: set[str]) -> str:
        """A function that nobody here calls and whose result may hold an object."""
        for key in sorted(above - self.together.registered):
            info = self.state.project.functions.get(key)
            if info is None or key in self.state.entries or len(self.together.above(key)) > 1:
                continue
            value = self.state.returns.get(key)
            if may_load(value) or holds(value, lambda t: isinstance(t, Instance | Unknown)):
                return info.name
        return ""


class _Tree:
    """The evidence of one query as a tree of paths, from which options are chosen."""

    def __init__(
        self,
        placing: _Placing,
        module: Module,
        key: str,
        traced: TracedQuery,
        query: Query,
        method: str,
    ) -> None:
        self.placing = placing
        self.models = placing.state.models
        self.module = module
        self.key = key
        self.traced = traced
        self.query = query
        names = names_of(placing.together.node(key))
        #: What the query loads may be narrowed there: an option behind it would say it anew.
        self.narrowed = bool(names & {"of_type", "and_"})
        plain = not query.multi_from and not names & {"text", "literal_column"}
        self.joinable = method in _ONE_ROW and plain

    def below(
        self, path: tuple[Attribute, ...], model: Model, runs: int, *, many: bool
    ) -> list[_Branch]:
        """The branches worth placing below `path`, which leads to `model` in `runs` runs."""
        found: list[_Branch] = []
        for lazy in self.traced.lazy:
            if lazy.along[:-1] == path:
                branch = self._branch(lazy, model, runs, many=many)
                if branch is not None:
                    found.append(branch)
        return found

    def _branch(self, lazy: LazyLoads, model: Model, runs: int, *, many: bool) -> _Branch | None:
        relationship, why = self._relationship(lazy, model)
        if relationship is None:
            self._stays(lazy, why)
            return None
        target = self.models.by_key[relationship.target]
        dotted = ".".join(a.name for a in lazy.along)
        loaded = dotted in self.query.loaded or relationship.eager
        joined = not many and self.joinable and not relationship.uselist and not loaded
        joined = joined and self.models.is_many_to_one(model, relationship)
        below = self.below(lazy.along, target, lazy.fruitful, many=many or relationship.uselist)
        inner = sum(branch.saves for branch in below)
        if loaded:
            own, loader = 0, "defaultload"
        elif joined:
            own = lazy.loads if 2 * lazy.in_runs >= runs else lazy.loads - runs
            loader = "joinedload"
        else:
            own, loader = lazy.loads - runs, "selectinload"
        # Where several objects come, a load a run in the tests is one an object elsewhere.
        worth = own + inner > 0 or (own + inner == 0 and many and lazy.loads > 0)
        if not worth or (loaded and (self.narrowed or not below)):
            self._stays(lazy, "it would save no statement")
            return None
        link = (loader, model.key, relationship.name)
        chains = tuple((link, *chain) for branch in below for chain in branch.chains)
        return _Branch(own + inner, chains or ((link,),))

    def _stays(self, lazy: LazyLoads, why: str) -> None:
        for other in self.traced.lazy:
            if other.along[: len(lazy.along)] == lazy.along:
                self.placing._lazy(self.module, self.traced, other, why)

    def _relationship(self, lazy: LazyLoads, model: Model) -> tuple[Relationship | None, str]:
        """The relationship that a path ends in, where an option on it is sound; or why not."""
        name = lazy.along[-1].name
        relationship = model.relationships.get(name)
        lineage = {model.key, *(a.key for a in self.models.ancestry(model))}
        if relationship is None or relationship.owner not in lineage:
            return None, f"{name} is no relationship of {model.name}"
        if relationship.target not in self.models.by_key:
            return None, "its class is not known"
        if "." in model.key.partition(":")[2]:
            return None, "a class inside another one can't be imported by name"
        if relationship.lazy != "select" and not relationship.eager:
            return None, f'it is lazy="{relationship.lazy}"'
        if relationship.joined:
            return None, "it has a condition of its own"
        target = self.models.by_key[relationship.target]
        if len(model.primary_key) > 1 or len(target.primary_key) > 1:
            return None, "a primary key has several columns"
        if relationship.secondary and not relationship.sorted:
            return None, "its order is the database's, which another statement may change"
        written, why = self.placing.around(self.key)
        if why:
            return None, why
        shown = self._shown(model, target, relationship)
        changed = sorted(shown & written.models)
        if changed:
            names = ", ".join(k.rpartition(":")[2] for k in changed)
            return None, f"{names} may be written in between"
        return relationship, ""

    def _shown(self, model: Model, target: Model, relationship: Relationship) -> set[str]:
        """The models whose rows decide what the relationship shows."""
        shown = {k for m in (model, target) for k in self.models.family(m)}
        if relationship.secondary:
            for other in self.models.by_key.values():
                tables = {table for _, table, _ in other.foreign_keys}
                if {model.tablename, target.tablename} <= tables:
                    shown.add(other.key)
        return shown


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


def receiver(node: ast.expr) -> ast.expr:
    """The query of `query.all()` and `query[a:b]`."""
    if isinstance(node, ast.Subscript):
        return node.value
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    return node.func.value


def _ends(node: ast.AST, traced: TracedQuery) -> bool:
    """Whether an expression is the traced call: a call of a chain begins at its own name."""
    if traced.column < 0:
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        return bool(first <= traced.line <= last)
    end = (getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0))
    return end == (traced.end_line, traced.end_column)
