"""The sum of the sites: which are native, which bridged, which left, and why."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from migrator.colour.bodies import KEPT_LAMBDA
from migrator.colour.decide import Decisions
from migrator.colour.decision import Decision
from migrator.colour.made_later import is_made_later
from migrator.index.lambdas import in_lambda
from migrator.index.scripts import in_script
from migrator.index.walk import walk
from migrator.plan.model import Site
from migrator.plan.module_code import in_context
from migrator.queries.refusals import GONE, refuse
from migrator.queries.step import Refusal
from migrator.types.facts import Fact, FunctionFacts
from migrator.types.session_calls import OUTSIDE
from migrator.types.state import State

#: What opens an application context, and with it a session.
_CONTEXTS = frozenset({"app_context", "test_request_context", "scope", "sync_scope"})
_IMPORTED = Refusal(
    "MIG527",
    "it runs when the module is imported, in an application context, which has a sync session there",
    "Nothing has to be done; a command is a better place for work on the database.",
)
_SCRIPT = Refusal(
    "MIG527",
    "it runs when the module is a script, where sync code has a sync session",
    "Nothing has to be done.",
)
_UNKNOWN = Refusal(
    "MIG517",
    "a query on a session whose type can't be resolved: the run shows whether it is awaited",
    "Annotate it as a Session, where it is a parameter or an attribute.",
)
_NOWHERE = Refusal(
    "MIG513",
    "it runs when the module is imported, where nothing can be awaited",
    "Move it into a function that the lifespan or a command calls.",
)
_CODE = Refusal(
    "MIG528",
    "it runs a text as code, and what that calls is not followed",
    "Write that code as a function, or give it a namespace without functions of the application.",
)


class Sites:
    """The sites of one function, or of a module's own code."""

    def __init__(self, state: State, decisions: Decisions, facts: FunctionFacts, key: str) -> None:
        self.state = state
        self.decisions = decisions
        self.facts = facts
        self.key = key
        self.sites: list[Site] = []
        #: Calls at import of functions that reach the database, and of code that is a text.
        self.calls: list[Site] = []

    def count(self) -> None:
        """Say of each site what became of it."""
        self.calls += [self._placed(f, "left", _CODE) for f in self.facts if f.kind == "code"]
        self.calls += [
            self._placed(f, "left", refuse(GONE, f.name)) for f in self.facts if f.kind == "gone"
        ]
        decision = self.decisions.get(self.key)
        if decision is None:
            self._module_code()
        else:
            self._count(decision)

    def _count(self, decision: Decision) -> None:
        if decision.mode == "left" and not any(fact.site for fact in self.facts):
            # No query tells of it.
            reaching = (f for f in self.facts if f.blocker and self.decisions.reaching.does_io(f))
            self.calls += [self._placed(f, "left", decision.reason) for f in islice(reaching, 1)]
        covered = {id(n) for e in decision.bridges.values() for n in walk(e)}
        alone = {id(n): r for e, r in self._refused(decision) for n in walk(e)}
        gone = self._gone()
        for fact in self.facts:
            if not fact.site:
                continue
            if fact.kind == "outside":
                self._site(fact, "bridged", OUTSIDE)
                continue
            if id(fact.node) in alone:
                self._site(fact, "bridged", alone[id(fact.node)])
                continue
            if id(fact.node) in gone and decision.mode != "left":
                self._site(fact, "left", gone[id(fact.node)])
                continue
            if decision.mode == "native" and fact.kind == "unresolved":
                self._site(fact, "bridged", _UNKNOWN)
                continue
            if decision.mode == "left":
                status = "left"
            elif decision.mode == "bridged" or id(fact.node) in covered:
                status = "bridged"
            else:
                status = "native"
            self._site(fact, status, decision.reason if status != "native" else None)

    def _refused(self, decision: Decision) -> Iterator[tuple[ast.expr, Refusal | None]]:
        """The chains that run in the bridge as they are, and what refused each."""
        for number in decision.legacy:
            inside = {id(n) for n in walk(decision.bridges[number])}
            found = [f.refusal for f in self.facts if f.refusal and id(f.node) in inside]
            yield decision.bridges[number], found[-1]

    def _gone(self) -> dict[int, Refusal]:
        """The sites of queries that raise in the bridge too, since SQLAlchemy 2 has no such form."""
        sites = [fact.node for fact in self.facts if fact.site]
        found: dict[int, Refusal] = {}
        for fact in self.facts:
            if fact.refusal is not None and fact.refusal.code == GONE:
                inside = {id(node) for node in walk(fact.node)}
                # A query that is built in steps may be any of the function's.
                mine = [s for s in sites if id(s) in inside] or sites
                found.update({id(site): fact.refusal for site in mine})
        return found

    def _site(self, fact: Fact, status: str, reason: Refusal | None) -> None:
        self.sites.append(self._placed(fact, status, reason))

    def _placed(self, fact: Fact, status: str, reason: Refusal | None) -> Site:
        node = fact.node
        return Site(
            self.state.project.modules[self.key.partition(":")[0]].path,
            getattr(node, "lineno", 1),
            getattr(node, "col_offset", 0) + 1,
            self.key.partition(":")[2],
            status,
            reason,
        )

    def _module_code(self) -> None:
        """Module level: no await can stand here, and no request's session is open."""
        modules = self.state.project.modules
        module = modules[self.key.partition(":")[0]]
        inside, later = in_context(module), in_lambda(module)
        script = in_script(module, modules.values())
        for fact in self.facts:
            at_import = fact.kind == "call" and not later(fact.node) and not script(fact.node)
            if at_import and self._fails_at_import(fact, inside):
                names = ", ".join(dict.fromkeys(c.partition(":")[2] for c in fact.callees))
                reason = f"{names} reaches the database, and {_NOWHERE.reason}"
                refusal = replace(_NOWHERE, reason=reason)
                self.calls.append(self._placed(fact, "left", refusal))
            if not fact.site:
                continue
            if fact.kind == "outside":
                self._site(fact, "bridged", OUTSIDE)
                continue
            works = None
            if fact.refusal is None and not self.decisions.library:
                if later(fact.node):
                    works = KEPT_LAMBDA
                elif inside(fact.node):
                    works = _IMPORTED
                elif script(fact.node):
                    works = _SCRIPT
            status = "left" if works is None else "bridged"
            self._site(fact, status, works or fact.refusal or _NOWHERE)

    def _fails_at_import(self, fact: Fact, inside: Callable[[ast.AST], bool]) -> bool:
        """Whether a call reaches the database without an application context, as far as is seen."""
        if not self.decisions.reaching.does_io(fact) or inside(fact.node):
            return False
        io = self.decisions.reaching.io
        run = (c for c in fact.callees if not is_made_later(self.state, io, c))
        return any(self._reaches_plainly([*self.decisions.chain(c)]) for c in run)

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
            if any(getattr(node, "attr", "") in _CONTEXTS for node in info.nodes):
                return False
        return True
