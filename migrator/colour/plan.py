"""The plan: for every node that changes, the actions that change it; and the sum of the sites.

Frozen data between the analysis (standard library) and the codemod (libcst): a node is known by
its position in the original file.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from migrator.colour.bodies import KEPT_LAMBDA
from migrator.colour.decide import Decisions, session_parameters
from migrator.colour.decision import Decision
from migrator.colour.eager import Placements
from migrator.colour.exchange import bilingual, streams
from migrator.colour.facts import ON_THE_RESULT, Fact, FunctionFacts
from migrator.colour.generators import CONTEXT_MANAGER, is_context_manager, own_nodes
from migrator.colour.hints import generator_hint, query_hints
from migrator.colour.lattice import holds_query, join_all
from migrator.colour.module_code import in_context, in_lambda
from migrator.colour.plan_setup import setup_edits
from migrator.colour.query_methods import takes_selects
from migrator.colour.repositories import SYNC
from migrator.colour.state import State
from migrator.colour.together import names_of
from migrator.index.project import ExternalName, FunctionInfo, dotted
from migrator.index.walk import walk
from migrator.queries.refusals import GONE
from migrator.queries.step import Action, Refusal

RUNTIME = "migrator.runtime.db"
#: Where native code finds the user of the request, by the frame.
CURRENT_USER = {
    "fastapi": "migrator.runtime.compat.login",
    "flask": "migrator.runtime.asyncflask",
}


#: What opens an application context, and with it a session.
_CONTEXTS = frozenset({"app_context", "test_request_context", "scope", "sync_scope"})


@dataclass(frozen=True, slots=True)
class Site:
    """One query site and what became of it: status is native, bridged or left."""

    path: str
    line: int
    column: int
    symbol: str
    status: str
    reason: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Actions for one node, in the order of their application."""

    node: ast.AST
    actions: tuple[Action, ...]


@dataclass(slots=True)
class Plan:
    """Everything the codemod needs: edits by module name, modes by function key, sites."""

    edits: dict[str, list[Edit]] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    #: Calls at import of functions that reach the database: no sites, and left all the same.
    calls: list[Site] = field(default_factory=list)
    #: By module: names of the repository that the new code needs, as (module, name).
    imports: dict[str, set[tuple[str, str]]] = field(default_factory=dict)


def make_plan(state: State, decisions: Decisions, placements: Placements | None = None) -> Plan:
    """Turn decisions into edits; `placements` are the loader options that a trace asks for."""
    plan = Plan(decisions=decisions.by_key)
    for key, facts in state.facts.items():
        module = key.partition(":")[0]
        writer = _Writer(state, decisions, facts, key)
        writer.write()
        for query, option in placements.actions.get(key, ()) if placements is not None else ():
            writer.add_options(query, option)
        if writer.edits:
            plan.edits.setdefault(module, []).extend(
                Edit(node, tuple(actions)) for node, actions in writer.edits.values()
            )
        decision = decisions.get(key)
        if facts.imports and decision is not None and decision.mode == "native":
            plan.imports.setdefault(module, set()).update(facts.imports)
        plan.sites.extend(writer.sites)
        plan.calls.extend(writer.calls)
    for module, node, action in setup_edits(state):
        plan.edits.setdefault(module, []).append(Edit(node, (action,)))
    for cls in state.project.classes.values():
        for written in cls.node.bases:
            # `SyncRepository[Order]` and `SyncRepository` are one base.
            base = written.value if isinstance(written, ast.Subscript) else written
            found = state.project.resolve(cls.module, base)
            if isinstance(found, ExternalName) and found.dotted == SYNC:
                action = Action("use_name", {"module": RUNTIME, "name": "AsyncRepository"})
                plan.edits.setdefault(cls.module.name, []).append(Edit(base, (action,)))
    plan.sites.sort(key=lambda s: (s.path, s.line, s.column))
    return plan


_IMPORTED = Refusal(
    "MIG527",
    "it runs when the module is imported, in an application context, which has a sync session there",
    "Nothing has to be done; a command is a better place for work on the database.",
)


_NOWHERE = Refusal(
    "MIG513",
    "it runs when the module is imported, where nothing can be awaited",
    "Move it into a function that the lifespan or a command calls.",
)


class _Writer:
    def __init__(self, state: State, decisions: Decisions, facts: FunctionFacts, key: str) -> None:
        self.state = state
        self.decisions = decisions
        self.reaching = decisions.reaching
        self.facts = facts
        self.key = key
        self.info: FunctionInfo | None = state.function(key)
        self.edits: dict[int, tuple[ast.AST, list[Action]]] = {}
        self.sites: list[Site] = []
        self.calls: list[Site] = []
        #: Generator expressions and key functions with something to await, and `yield from` statements over async generators.
        self.lists: dict[int, ast.GeneratorExp | ast.Lambda] = {}
        self.delegated: set[int] = set()
        self._arguments: set[int] | None = None
        #: Ids of the expressions whose attributes are read.
        self._owners: set[int] | None = None
        module = state.project.modules[key.partition(":")[0]]
        self.path = module.path

    def add(self, node: ast.AST, action: Action, *, first: bool = False) -> None:
        _, actions = self.edits.setdefault(id(node), (node, []))
        if first:
            actions.insert(0, action)
        else:
            actions.append(action)

    def add_options(self, node: ast.expr, action: Action) -> None:
        """Loader options at the end of a statement, before what runs it."""
        _, actions = self.edits.setdefault(id(node), (node, []))
        running = (i for i, known in enumerate(actions) if known.rule == "iterate")
        actions.insert(next(running, len(actions)), action)

    def write(self) -> None:
        decision = self.decisions.get(self.key)
        if decision is None:
            self._module_code()
            return
        if decision.mode == "native":
            self._native(decision)
        elif decision.mode in ("bridged", "left"):
            # What is left may be called all the same: its text serves in the bridge.
            self._bridged(decision)
        if decision.mode in ("native", "plain"):
            self._query_hints()
        self._count(decision)

    # -- sites -----------------------------------------------------------------------------

    def _count(self, decision: Decision) -> None:
        covered = {id(n) for e in decision.bridges.values() for n in ast.walk(e)}
        gone = self._gone()
        for fact in self.facts:
            if not fact.site:
                continue
            unknown = fact.refusal is not None and fact.refusal.code == "MIG517"
            if id(fact.node) in gone and decision.mode != "left":
                self._site(fact, "left", gone[id(fact.node)])
                continue
            if decision.mode == "left" or unknown:
                status = "left"
            elif decision.mode == "bridged" or id(fact.node) in covered:
                status = "bridged"
            else:
                status = "native"
            self._site(fact, status, decision.reason if status != "native" else None)

    def _gone(self) -> dict[int, Refusal]:
        """The sites of queries that raise in the bridge too, since SQLAlchemy 2 has no such form."""
        sites = [fact.node for fact in self.facts if fact.site]
        found: dict[int, Refusal] = {}
        for fact in self.facts:
            if fact.refusal is not None and fact.refusal.code == GONE:
                inside = {id(node) for node in ast.walk(fact.node)}
                # A query that is built in steps may be any of the function's.
                mine = [s for s in sites if id(s) in inside] or sites
                found.update({id(site): fact.refusal for site in mine})
        return found

    def _site(self, fact: Fact, status: str, reason: Refusal | None) -> None:
        self.sites.append(self._placed(fact, status, reason))

    def _placed(self, fact: Fact, status: str, reason: Refusal | None) -> Site:
        node = fact.node
        return Site(
            self.path,
            getattr(node, "lineno", 1),
            getattr(node, "col_offset", 0) + 1,
            self.key.partition(":")[2],
            status,
            reason,
        )

    def _module_code(self) -> None:
        """Module level: no await can stand here, and no request's session is open."""
        module = self.state.project.modules[self.key.partition(":")[0]]
        inside, later = in_context(module), in_lambda(module)
        for fact in self.facts:
            if fact.kind == "call" and self._fails_at_import(fact, inside):
                names = ", ".join(dict.fromkeys(c.partition(":")[2] for c in fact.callees))
                reason = f"{names} reaches the database, and {_NOWHERE.reason}"
                refusal = replace(_NOWHERE, reason=reason)
                self.calls.append(self._placed(fact, "left", refusal))
            if not fact.site:
                continue
            works = None
            if fact.refusal is None and not self.decisions.library:
                works = (
                    KEPT_LAMBDA if later(fact.node) else _IMPORTED if inside(fact.node) else None
                )
            status = "left" if works is None else "bridged"
            self._site(fact, status, works or fact.refusal or _NOWHERE)

    def _fails_at_import(self, fact: Fact, inside: Callable[[ast.AST], bool]) -> bool:
        """Whether a call reaches the database without an application context, as far as is seen."""
        if not self.reaching.does_io(fact) or inside(fact.node):
            return False
        return any(self._reaches_plainly([*self.decisions.chain(c)]) for c in fact.callees)

    def _reaches_plainly(self, chain: list[str]) -> bool:
        """Whether each function of a chain calls the next, and none enters a context."""
        for key, following in zip(chain, [*chain[1:], ""], strict=True):
            info = self.state.function(key)
            facts = self.state.facts.get(key)
            if info is None or facts is None:
                return False
            if not any(
                following in f.callees if f.kind == "call" else f.site and not following
                for f in facts
                if not isinstance(f.blocker, ast.Lambda)
            ):
                return False
            if any(getattr(node, "attr", "") in _CONTEXTS for node in walk(info.node)):
                return False
        return True

    # -- native ----------------------------------------------------------------------------

    def _native(self, decision: Decision) -> None:
        assert self.info is not None
        node = self.info.node
        if decision.asynchronous and takes_selects(self.state, self.info):
            self.add(node, Action("select_method", imports=((RUNTIME, "select_method"),)))
        elif decision.asynchronous and isinstance(node, ast.FunctionDef):
            self.add(node, Action("async_def", awaits=True))
        if decision.unbridged:
            self.add(node, Action("unbridged", imports=((RUNTIME, "unbridged"),), awaits=True))
        self._session_annotations()
        covered = {id(n) for e in decision.bridges.values() for n in ast.walk(e)}
        generators = self.lists
        several = self._several()
        for fact in self.facts:
            if id(fact.node) in covered:
                self._inside_bridge(fact, converts=True)
                if fact.blocker is None:
                    # What runs in the bridge is awaited in the generator expressions around it.
                    around = (g for g in fact.generators if id(g) not in covered)
                    generators.update((id(g), g) for g in around)
                continue
            if self._edit(fact, several):
                for generator in fact.generators:
                    generators[id(generator)] = generator
        for generator in generators.values():
            call = self.facts.asked.get(id(generator))
            if isinstance(generator, ast.Lambda):
                self.add(self.facts.keyed[id(generator)], Action("by_key"))
            elif call is None:
                self.add(generator, Action("list_comprehension"))
            else:
                asks_next = isinstance(call.func, ast.Name) and call.func.id == "next"
                self.add(call, Action("await_next" if asks_next else "await_any", awaits=True))
        if decision.streams:
            self._asynchronous_generator()
        for fact in self.facts:
            if fact.kind == "handing" and id(fact.node) not in covered:
                self._handing(fact)
        for expression in decision.bridges.values():
            self.add(
                expression, Action("bridge_expression", imports=((RUNTIME, "bridge"),), awaits=True)
            )

    def _handing(self, fact: Fact) -> None:
        """Whoever gets a plain function over the database may call it at once."""
        plain = [
            d for d in map(self.decisions.get, fact.callees) if d is not None and not d.awaited
        ]
        free = fact.blocker is None and not fact.generators and id(fact.node) not in self.edits
        if free and self._awaits() and any(self.reaching.reaches(d.key) for d in plain):
            self._bridged_call(fact)

    def _awaits(self) -> bool:
        """Whether this function's text is asynchronous."""
        decision = self.decisions[self.key]
        return decision.asynchronous or decision.unbridged

    def _several(self) -> set[int]:
        """Calls whose callee may be one of several kinds: the run decides which it is."""
        kinds: dict[int, set[str]] = defaultdict(set)
        for fact in self.facts:
            if fact.name in ON_THE_RESULT:
                continue
            if fact.kind in ("call", "unresolved", "external") and isinstance(fact.node, ast.Call):
                kinds[id(fact.node)].add(fact.kind)
        return {node for node, found in kinds.items() if len(found) > 1}

    def _edit(self, fact: Fact, several: set[int]) -> bool:
        """Add the native form of one fact; True when it awaits."""
        kinds = ("call", "unresolved", "external")
        if id(fact.node) in several and fact.kind in kinds and fact.name not in ON_THE_RESULT:
            if not self.reaching.does_io(fact):
                return False
            if id(fact.node) not in self.edits:
                self._either(fact)
            return True
        match fact.kind:
            case "step":
                if fact.action is not None:
                    self.add(fact.node, fact.action, first=fact.name != "iterate")
                if streams(fact):
                    self.add(self.facts.loop_of[id(fact.node)], Action("async_for", awaits=True))
                return fact.io
            case "lazy":
                self._attribute(fact)
                return True
            case "property":
                if not self.reaching.does_io(fact):
                    return False
                self._attribute(fact)
                return True
            case "stale":
                self.add(fact.node, Action("reload", imports=((RUNTIME, "reload"),), awaits=True))
                return True
            case "user":
                self.add(
                    fact.node,
                    Action(
                        "current_user",
                        {"module": CURRENT_USER[self.state.frame]},
                        imports=((CURRENT_USER[self.state.frame], "get_current_user"),),
                        awaits=True,
                    ),
                    first=True,
                )
                return True
            case "call":
                return self._call(fact)
            case "unresolved" if isinstance(fact.node, ast.Attribute):
                if not self.reaching.does_io(fact):
                    return False
                self._attribute(fact)
                return True
            case "unresolved" if self.reaching.does_io(fact):
                self._either(fact)
                return True
            case "hung":
                # What is awaited sees to itself.
                if any(action.awaits for action in self.edits.get(id(fact.node), (None, []))[1]):
                    return False
                self._bridged_call(fact)
                return True
            case "listed":
                self.add(fact.node, Action("listed"))
                return False
            case "template":
                self._bridged_call(fact)
                return True
            case "external" if fact.name == "iter" and self.reaching.does_io(fact):
                self.add(
                    fact.node, Action("bridge_list", imports=((RUNTIME, "bridge"),), awaits=True)
                )
                return True
            case "external" if fact.name == "with" and self.reaching.does_io(fact):
                assert isinstance(fact.node, ast.With)
                self._across(fact.node.items[0].context_expr, "bridge_with")
                self.add(fact.node, Action("async_with", awaits=True))
                return True
            case "external" if isinstance(fact.node, ast.Call) and self.reaching.does_io(fact):
                self._bridged_call(fact)
                return True
            case "external" if fact.name == "assign" and self.reaching.does_io(fact):
                self.add(
                    fact.node,
                    Action("bridge_assignment", imports=((RUNTIME, "bridge"),), awaits=True),
                )
                return True
        return False

    def _attribute(self, fact: Fact) -> None:
        action = Action("awaitable_attribute", {"name": fact.name}, awaits=True)
        _, actions = self.edits.get(id(fact.node), (None, []))
        known = [a for a in actions if a.rule in ("awaitable_attribute", "bridge_attribute")]
        if fact.mixed or fact.kind == "unresolved" or any(a != action for a in known):
            # Whatever it is, reading it in the bridge works.
            action = Action("bridge_attribute", imports=((RUNTIME, "bridge"),), awaits=True)
        for one in known:
            actions.remove(one)
        # Before whatever is done with the value.
        self.add(fact.node, action, first=True)

    def _bridged_call(self, fact: Fact) -> None:
        _, actions = self.edits.get(id(fact.node), (None, []))
        if any(action.rule == "bridge_call" for action in actions):
            return  # for another of its arguments
        self.add(fact.node, Action("bridge_call", imports=((RUNTIME, "bridge"),), awaits=True))

    def _either(self, fact: Fact) -> None:
        self.add(fact.node, Action("call_either", imports=((RUNTIME, "call"),), awaits=True))

    def _call(self, fact: Fact) -> bool:
        found = [self.decisions.get(c) for c in fact.callees]
        returned = join_all(self.state.returns.get(c) for c in fact.callees)
        if holds_query(returned) and any(f is not None and f.keeps_queries for f in found):
            # What a keeper of legacy queries returns gives its statement.
            self.add(fact.node, Action("bridge_call", imports=((RUNTIME, "bridge"),), awaits=True))
            self.add(fact.node, Action("query_statement"))
            return True
        targets = [t for c, t in zip(fact.callees, found, strict=True) if self.reaching.reaches(c)]
        if not targets:
            return False
        if all(self.state.facts[c].is_generator for c in fact.callees if c in self.state.facts):
            self._consume(fact)
            return True
        if self.key in self.decisions.wrappers:
            self._either(fact)
            return True
        awaited = {f.awaited for f in found if f is not None}
        if awaited == {True}:
            self.add(fact.node, Action("await_call", awaits=True))
        elif awaited == {False}:
            self.add(fact.node, Action("bridge_call", imports=((RUNTIME, "bridge"),), awaits=True))
        else:
            self._either(fact)
        return True

    def _consume(self, fact: Fact) -> None:
        """What takes an async generator, or enters an async context manager."""
        found = self.decisions.generators.consumed(self.key, fact)
        assert found is not None
        asynchronous = all(self.decisions[c].streams for c in fact.callees)
        if found.form == "streamed":
            if asynchronous:
                self._across(fact.node, "unbridge_iter")
            return
        if not asynchronous:
            imports = ((RUNTIME, "bridge"),)
            if found.form in ("display", "next", "any"):
                self.add(found.node, Action("bridge_call", imports=imports, awaits=True))
                return
            if found.form == "listed":
                self.add(found.node, Action("bridge_list", imports=imports, awaits=True))
                return
            helper = "bridge_with" if found.form == "entered" else "bridge_iter"
            self._across(fact.node, helper)
        match found.form:
            case "loop":
                self.add(found.node, Action("async_for", awaits=True))
            case "entered":
                self.add(found.node, Action("async_with", awaits=True))
            case "comprehension":
                action = Action("async_comprehension", {"index": found.index}, awaits=True)
                self.add(found.node, action, first=True)
                if isinstance(found.node, ast.GeneratorExp):
                    self.lists[id(found.node)] = found.node
            case "display" | "listed":
                display = found.form == "display"
                self.add(found.node, Action("async_list", {"display": display}, awaits=True))
            case "next":
                self.add(found.node, Action("await_next", awaits=True))
            case "any":
                self.add(found.node, Action("await_any", awaits=True))
            case "delegated":
                self.delegated.add(id(found.node))

    def _delegations(self) -> None:
        """`yield from` in an async generator is a loop that yields."""
        assert self.info is not None
        names = names_of(self.info.node) | {
            a.arg for a in ast.walk(self.info.node) if isinstance(a, ast.arg)
        }
        name = "item"
        while name in names:
            name += "_"
        for node in own_nodes(self.info.node):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.YieldFrom):
                awaits = id(node) in self.delegated
                action = Action("yield_each", {"name": name, "async": awaits}, awaits=True)
                self.add(node, action)

    def _asynchronous_generator(self) -> None:
        """The decorator, the type hint and the delegations of an async generator."""
        assert self.info is not None
        self._delegations()
        for decorator in self.info.node.decorator_list:
            if dotted(decorator).rpartition(".")[2] == CONTEXT_MANAGER:
                args = {"module": "contextlib", "name": "asynccontextmanager"}
                self.add(decorator, Action("use_name", args))
        for node, action in generator_hint(self.state.project, self.info):
            self.add(node, action)

    def _step_by_step(self, fact: Fact) -> None:
        """Sync code takes an async generator, or enters an async context manager."""
        managers = [is_context_manager(self.state.project.functions[c]) for c in fact.callees]
        name = "unbridge_with" if any(managers) else "unbridge_iter"
        self._across(fact.node, name)

    def _across(self, node: ast.AST, helper: str) -> None:
        """A generator or context manager is on the other side of the bridge."""
        self.add(node, Action("bridge_steps", {"name": helper}, imports=((RUNTIME, helper),)))

    def _inside_bridge(self, fact: Fact, converts: bool) -> None:
        """In sync code that runs in the bridge, an async callee is awaited through unbridge.

        With `converts`, its queries become selects on the sync session.
        """
        if fact.kind == "stale" and id(fact.node) in self._given_to_native():
            # Native code can't reload what it is given when it reads a column.
            imports = ((RUNTIME, "reload"), (RUNTIME, "unbridge"))
            self.add(fact.node, Action("reload", imports=imports, sync=True))
        if converts and fact.kind == "step" and fact.action is not None:
            self.add(fact.node, self._sync_action(fact.action), first=fact.name != "iterate")
            return
        if converts and fact.kind == "listed":
            self.add(fact.node, Action("listed"))
        targets = [t for t in map(self.decisions.get, fact.callees) if t is not None]
        awaited = {t.awaited for t in targets}
        if fact.kind == "call" and any(t.streams for t in targets):
            self._step_by_step(fact)
        elif fact.kind == "call" and awaited == {True}:
            self.add(fact.node, Action("unbridge_call", imports=((RUNTIME, "unbridge"),)))
        elif fact.kind == "call" and True in awaited:
            self.add(fact.node, Action("call_sync", imports=((RUNTIME, "call_sync"),)))
        unsure = (
            fact.kind == "unresolved"
            and isinstance(fact.node, ast.Call)
            and self.reaching.does_io(fact)
        )
        if unsure and id(fact.node) not in self.edits:
            self.add(fact.node, Action("call_sync", imports=((RUNTIME, "call_sync"),)))
        if fact.kind == "call" and not converts and self._natives(fact):
            # A native function takes selects: a legacy query gives its statement.
            for argument in self.facts.query_arguments.get(id(fact.node), ()):
                self.add(argument, Action("query_statement"))
            for step in self.facts:
                if step.node is fact.node and step.action and step.action.rule == "query_method":
                    self.add(fact.node, step.action, first=True)
        if fact.kind == "step" and fact.site:
            self._sync_session(fact)

    def _given_to_native(self) -> set[int]:
        """Ids of the arguments and receivers of the calls of functions with native bodies."""
        if self._arguments is None:
            found: set[int] = set()
            for fact in self.facts:
                callees = [c for c in map(self.decisions.get, fact.callees) if c is not None]
                native = fact.kind == "call" and any(
                    c.awaited or c.unbridged or c.streams for c in callees
                )
                if native and isinstance(fact.node, ast.Call):
                    call = fact.node
                    found.update(id(a) for a in (*call.args, *(k.value for k in call.keywords)))
                    if isinstance(call.func, ast.Attribute):
                        found.add(id(call.func.value))
            self._arguments = found
        return self._arguments

    def _sync_action(self, action: Action) -> Action:
        session = action.args.get("session")
        if isinstance(session, str) and not self._is_application_session(session):
            call = "()" if session in self.facts.scoped.values() else ""
            text = f"{session}{call}.sync_session"
            action = replace(action, args={**action.args, "session": text})
        return replace(action, sync=True)

    def _is_application_session(self, text: str) -> bool:
        """The application's own session knows by itself that it is in the bridge."""
        return (
            bool(self.state.db_name) and text.endswith(".session") and not text.startswith("self.")
        )

    def _natives(self, fact: Fact) -> bool:
        found = [self.decisions.get(c) for c in fact.callees if not bilingual(self.state, c)]
        return any(f is not None and not f.keeps_queries for f in found)

    def _sync_session(self, fact: Fact) -> None:
        """`session.query(...)` on an AsyncSession at hand: on the sync session underneath."""
        node = fact.node
        func = node.func if isinstance(node, ast.Call) else None
        owner = func.value if isinstance(func, ast.Attribute) else None
        if owner is not None and id(owner) in self.facts.sessions:
            self._turn_sync(owner)

    def _turn_sync(self, owner: ast.expr) -> None:
        if self._is_application_session(ast.unparse(owner)):
            return
        if self.facts.scoped.get(id(owner)):
            self.add(owner, Action("scoped_sync_session"))
            return
        self.add(owner, Action("sync_session"))

    def _query_hints(self) -> None:
        """`query: Query` → `query: Select`, where it takes or returns queries."""
        assert self.info is not None
        values = (*self.facts.environment.values(), self.state.returns.get(self.key))
        if any(map(holds_query, values)):
            for node, action in query_hints(self.state.project, self.info):
                self.add(node, action)

    def _session_annotations(self) -> None:
        """`session: Session` → `session: AsyncSession`."""
        assert self.info is not None
        for name in session_parameters(self.state, self.info):
            arguments = self.info.node.args
            for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                if parameter.arg == name and parameter.annotation is not None:
                    self.add(
                        parameter.annotation,
                        Action(
                            "session_annotation",
                            imports=(("sqlalchemy.ext.asyncio", "AsyncSession"),),
                        ),
                    )

    # -- bridged ---------------------------------------------------------------------------

    def _bridged(self, decision: Decision) -> None:
        assert self.info is not None
        self._session_annotations()
        if decision.asynchronous:
            self.add(
                self.info.node,
                Action(
                    "wrap_function",
                    {"parameters": _parameter_names(self.info)},
                    imports=((RUNTIME, "bridge"),),
                    awaits=True,
                ),
            )
        for fact in self.facts:
            self._inside_bridge(fact, converts=decision.converts)
        seen = {id(n) for n, _ in self.edits.values()}
        for owner in self.facts.sessions.values():
            if id(owner) not in seen and self._is_receiver(owner):
                self._turn_sync(owner)

    def _is_receiver(self, owner: ast.expr) -> bool:
        """Whether the session is used here (`session.x`), rather than passed on."""
        assert self.info is not None
        if self._owners is None:
            nodes = walk(self.info.node)
            self._owners = {id(n.value) for n in nodes if isinstance(n, ast.Attribute)}
        return id(owner) in self._owners


def _parameter_names(info: FunctionInfo) -> list[str]:
    a = info.node.args
    names = [p.arg for p in (*a.posonlyargs, *a.args)]
    if a.vararg is not None:
        names.append(f"*{a.vararg.arg}")
    names.extend(f"{p.arg}={p.arg}" for p in a.kwonlyargs)
    if a.kwarg is not None:
        names.append(f"**{a.kwarg.arg}")
    return names
