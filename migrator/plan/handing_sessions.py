"""Sessions that a function keeps, gives back or hands on: `db.session`, wherever that is the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.colour.decision import Decision
from migrator.index.walk import walk
from migrator.plan.edits import Edits
from migrator.queries.step import Action
from migrator.queries.types import Session
from migrator.types.facts import Fact
from migrator.types.lattice import holds


class HandingSessions(Edits):
    """Edits of `db.session()` where its session goes on."""

    def kept_sessions(self, decision: Decision) -> None:
        """`self.session = db.session()`: what is asked later is the session of whoever asks.

        In sync code `db.session()` gives a sync session, which async code can't await; `db.session` is right
        on both sides. Not where attributes are put on what is kept: on `db.session` all requests have them.
        """
        in_bridge = {id(n) for e in decision.bridges.values() for n in walk(e)}
        for fact in self.facts:
            # What native code hands on is an async one, which it stays where nothing keeps it.
            sync = decision.mode != "native" or id(fact.node) in in_bridge
            asked = fact.kind == "kept" or (fact.kind == "held" and sync)
            if asked and not self._has_attributes(fact):
                self.add(fact.node, Action("uncalled"))

    def sessions_at_hand(self, goes_on: bool) -> None:
        """`return db.session()`: whoever calls a plain function, or one that gives it, may be async code or not.

        Where attributes are put on sessions, it is what puts them on the session of whoever asks.
        """
        found = [f for f in self.facts if f.kind == "at_hand" and id(f.node) not in self.edits]
        if not found:
            return
        args = {"at_hand": True} if self._any_has_attributes() else {}
        kept = {id(f.node) for f in self.facts if f.kind == "kept"}
        for fact in found:
            if id(fact.node) in kept:
                continue  # It has attributes of its own, and stays itself.
            if goes_on or isinstance(fact.blocker, ast.Lambda):
                self.add(fact.node, Action("uncalled", args))

    def hands_sync_session(self, call: ast.AST) -> bool:
        """Whether sync code gives the session underneath to what it calls: it has attributes of the code's own."""
        if not isinstance(call, ast.Call):
            return False
        return any(map(self._is_sync, (*call.args, *(k.value for k in call.keywords))))

    def put_on_sessions(self, names: set[str]) -> set[str]:
        """Those of the names under which code puts attributes on sessions."""
        if names.isdisjoint(self.state.names.on_others):
            return set()
        return names & {f.node.attr for f in self._puts() if isinstance(f.node, ast.Attribute)}

    def _is_sync(self, argument: ast.expr) -> bool:
        if isinstance(argument, ast.Name):
            kept = self.facts.environment.get(argument.id)
            return argument.id in self.state.names.owners and holds(kept, Session)
        held = self.facts.facts.get((id(argument), "held"))
        return held is not None and self._has_attributes(held)

    def _has_attributes(self, fact: Fact) -> bool:
        """Whether something is put on the session: on a variable of its name; or anywhere, where it's an argument."""
        return fact.name in self.state.names.owners if fact.name else self._any_has_attributes()

    def _any_has_attributes(self) -> bool:
        return any(True for _ in self._puts())

    def _puts(self) -> Iterator[Fact]:
        return (f for facts in self.state.facts.values() for f in facts if f.kind == "put")
