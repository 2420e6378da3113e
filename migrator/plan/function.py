"""Edits of one function: its native form, and the bridges inside it."""

from __future__ import annotations

import ast
from collections import defaultdict

from migrator.colour.decision import Decision
from migrator.colour.exchange import streams
from migrator.index.walk import walk
from migrator.plan.bridged import Bridged
from migrator.plan.edits import RUNTIME
from migrator.plan.hints import query_hints
from migrator.plan.waiting import Waiting
from migrator.queries.step import Action
from migrator.queries.types import Session
from migrator.types.facts import ON_ITS_VALUE, ON_THE_RESULT, ROWS, Fact
from migrator.types.lattice import holds, holds_query

#: Where native code finds the user of the request, by the frame.
CURRENT_USER = {
    "fastapi": "migrator.runtime.compat.login",
    "flask": "migrator.runtime.asyncflask",
}

#: Where it finds what hangs on the request.
CURRENT_G = {"fastapi": "migrator.runtime.compat", "flask": "flask"}


class FunctionEdits(Bridged, Waiting):
    """Everything that one function's decision asks for."""

    def write(self) -> None:
        decision = self.decisions.get(self.key)
        if decision is None:
            # Module level: no await can stand here.
            for fact in self.facts:
                if fact.kind == "call":
                    self.inside_bridge(fact, converts=False)
                else:
                    self.earlier_form(fact)
            self.sessions_at_hand(goes_on=False)
            return
        if decision.mode == "native":
            self.native(decision)
        elif decision.mode in ("bridged", "left") and not (self.info and self.info.is_async):
            # What is left may be called all the same: its text serves in the bridge.
            self.bridged(decision)
        elif decision.mode == "left":
            self._left_awaiting(decision)
        if decision.mode in ("native", "plain"):
            self._query_hints()
        if decision.mode == "plain" and decision.streams:
            self.generator_hints()
        self.kept_sessions(decision)
        gives = decision.mode == "native" and holds(self.state.returns.get(self.key), Session)
        self.sessions_at_hand(gives or decision.mode == "plain")
        self.waiting(decision)

    def _left_awaiting(self, decision: Decision) -> None:
        """A coroutine function that is left can't run in the bridge: what it calls has to be awaited all the same."""
        for fact in self.facts:
            # What takes a generator is looked for in what converts alone.
            generators = bool(fact.callees) and all(map(self._is_generator, fact.callees))
            if fact.kind == "call" and fact.blocker is None and not (fact.generators or generators):
                self._call(fact)
                if decision.keeps_queries:
                    self.statements_given(fact)

    def _query_hints(self) -> None:
        """`query: Query` → `query: Select`, where it takes or returns queries."""
        assert self.info is not None
        values = (*self.facts.environment.values(), self.state.returns.get(self.key))
        if any(map(holds_query, values)):
            for node, action in query_hints(self.state.project, self.info):
                self.add(node, action)

    def native(self, decision: Decision) -> None:
        assert self.info is not None
        node = self.info.node
        if decision.asynchronous and self.decisions.on_both(self.key):
            self.add(node, Action("select_method", imports=((RUNTIME, "select_method"),)))
        elif decision.asynchronous and isinstance(node, ast.FunctionDef):
            self.add(node, Action("async_def", awaits=True))
        if decision.unbridged:
            self.add(node, Action("unbridged", imports=((RUNTIME, "unbridged"),), awaits=True))
        self.session_annotations()
        covered = {id(n) for e in decision.bridges.values() for n in walk(e)}
        legacy = {id(n) for i in decision.legacy for n in walk(decision.bridges[i])}
        generators = self.lists
        several = self._several()
        for fact in self.facts:
            if id(fact.node) in covered:
                self.inside_bridge(fact, converts=id(fact.node) not in legacy)
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
                self.add(self.facts.keyed[id(generator)], Action("by_key"), first=True)
            elif call is None:
                self.add(generator, Action("list_comprehension"))
            else:
                asks_next = isinstance(call.func, ast.Name) and call.func.id == "next"
                rule = "await_next" if asks_next else "await_any"
                # What goes over what this gives comes after it.
                self.add(call, Action(rule, awaits=True), first=True)
        if decision.streams:
            self.asynchronous_generator()
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
            self.bridged_call(fact)

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
                    self.add(fact.node, fact.action, first=fact.name not in ON_ITS_VALUE)
                if isinstance(fact.node, ast.With) and fact.action is not None:
                    # What is no session is entered in the bridge, beside the sessions.
                    for index in fact.action.args["others"]:
                        self.across(fact.node.items[index].context_expr, "bridge_with")
                if streams(fact):
                    self.add(self.facts.loop_of[id(fact.node)], Action("async_for", awaits=True))
                return fact.io
            case "lazy":
                self._attribute(fact)
                return True
            case "property":
                io = self.reaching.does_io(fact)
                if io and all(map(self._is_generator, fact.callees)):
                    self.consume(fact)
                elif io:
                    self._attribute(fact)
                self.kept_query(fact)
                return io
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
            case "unresolved" if fact.name == ROWS:
                if not self.reaching.does_io(fact):
                    return False
                self.add(fact.node, Action("fetched", imports=((RUNTIME, "fetched"),), awaits=True))
                return True
            case "unresolved" if isinstance(fact.node, ast.Attribute):
                if not self.reaching.does_io(fact):
                    return False
                self._attribute(fact)
                return True
            case "unresolved" if self.reaching.does_io(fact):
                self._either(fact)
                return True
            case "hung":
                _, known = self.edits.get(id(fact.node), (None, []))
                if any(action.rule == "await_call" for action in known):
                    holders = ("g", "request") if self.state.hangs_on_requests() else ("g",)
                    args = {"module": CURRENT_G[self.state.frame], "holders": holders}
                    self.add(fact.node, Action("reload_first", args), first=True)
                elif not any(action.awaits for action in known):
                    self.bridged_call(fact)
                return True
            case "listed":
                self.add(fact.node, Action("listed"))
                return False
            case "template":
                self.bridged_call(fact)
                return True
            case "external" if fact.name == "iter" and self.reaching.does_io(fact):
                self.add(
                    fact.node, Action("bridge_list", imports=((RUNTIME, "bridge"),), awaits=True)
                )
                return True
            case "external" if fact.name == "with" and self.reaching.does_io(fact):
                assert isinstance(fact.node, ast.With)
                self.across(fact.node.items[0].context_expr, "bridge_with")
                self.add(fact.node, Action("async_with", awaits=True))
                return True
            case "external" if isinstance(fact.node, ast.Call) and self.reaching.does_io(fact):
                self.bridged_call(fact)
                return True
            case "external" if fact.name == "assign" and self.reaching.does_io(fact):
                imports = ((RUNTIME, "bridge"), ("operator", "setitem"))
                self.add(fact.node, Action("bridge_assignment", imports=imports, awaits=True))
                return True
        return False

    def _attribute(self, fact: Fact) -> None:
        action = Action("awaitable_attribute", {"name": fact.name}, awaits=True)
        proxy = fact.name in self.state.models.proxies
        _, actions = self.edits.get(id(fact.node), (None, []))
        known = [a for a in actions if a.rule in ("awaitable_attribute", "bridge_attribute")]
        if proxy or fact.mixed or fact.kind == "unresolved" or any(a != action for a in known):
            # Whatever it is, reading it in the bridge works.
            args = {"reader": "proxied"} if proxy else {}
            action = Action("bridge_attribute", args, imports=((RUNTIME, "bridge"),), awaits=True)
        for one in known:
            actions.remove(one)
        # Before whatever is done with the value.
        self.add(fact.node, action, first=True)

    def _either(self, fact: Fact) -> None:
        _, known = self.edits.get(id(fact.node), (None, []))
        if any(action.rule == "call_either" for action in known):
            return  # for another thing that it may be
        self.add(fact.node, Action("call_either", imports=((RUNTIME, "call"),), awaits=True))

    def _is_generator(self, key: str) -> bool:
        return key not in self.state.facts or self.decisions.generators.makes(key)

    def _call(self, fact: Fact) -> bool:
        found = [self.decisions.get(c) for c in fact.callees]
        called = Action("bridge_call", imports=((RUNTIME, "bridge"),), awaits=True)
        coroutines = {f is not None and f.awaited for f in found}
        # What a decorator is given is not what its callers call.
        either = fact.mixed or self.key in self.decisions.wrappers
        if coroutines == {True} and not either:
            called = Action("await_call", awaits=True)
        elif True in coroutines:
            called = Action("call_either", imports=((RUNTIME, "call"),), awaits=True)
        if self.kept_query(fact, called):
            return True
        targets = [t for c, t in zip(fact.callees, found, strict=True) if self.reaching.reaches(c)]
        if not targets:
            return False
        generators = all(map(self._is_generator, fact.callees))
        # Where only what a decorator puts around them reaches the database, that is what is called.
        if generators and not self.reaching.io.isdisjoint(fact.callees):
            self.consume(fact)
            return True
        if either:
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
