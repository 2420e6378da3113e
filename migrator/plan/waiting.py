"""Calls that wait for something else than the database go to a worker thread meanwhile."""

from __future__ import annotations

import ast

from migrator.colour.decision import Decision
from migrator.index.walk import walk
from migrator.plan.edits import Edits
from migrator.queries.step import Action
from migrator.types.facts import Fact

THREADS = "migrator.runtime.threads"


class Waiting(Edits):
    """Edits of such calls, in what runs on the event loop."""

    def waiting(self, decision: Decision) -> None:
        """To be called last: a call that is edited for another reason stays what it is."""
        if self.decisions.library and decision.mode == "plain":
            return  # nothing of it knows migrator's runtime
        bridged = {id(n) for e in decision.bridges.values() for n in walk(e)}
        # What only builds queries, or reads rows, is native and a plain function all the same.
        native = decision.mode == "native" and decision.asynchronous
        native |= bool(self.info and self.info.is_async)
        waits = [fact for fact in self.facts if fact.kind == "blocks"]
        handed = {id(f.node) for f in self.facts if waits and f.kind in ("handing", "reference")}
        for fact in waits:
            if not self.may_go(fact, handed):
                continue
            free = fact.blocker is None and not fact.generators and id(fact.node) not in bridged
            if native and free:
                imports = (("asyncio", "to_thread"),)
                self.add(fact.node, Action("in_thread", imports=imports, awaits=True))
            else:
                self.add(fact.node, Action("in_thread", imports=((THREADS, "in_thread"),)))

    def may_go(self, fact: Fact, handed: set[int]) -> bool:
        """Whether no code of ours is handed over, which may need the request's thread.

        `handed` are the ids of the function's expressions that stand for such code.
        """
        assert isinstance(fact.node, ast.Call)
        if id(fact.node) in self.edits:
            return False
        given = [*fact.node.args, *(k.value for k in fact.node.keywords)]
        return not any(
            isinstance(inner, ast.Lambda) or id(inner) in handed
            for argument in given
            for inner in walk(argument)
        )
