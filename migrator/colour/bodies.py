"""Whether a function's own body has a native form, and which of its expressions need the bridge."""

from __future__ import annotations

import ast

from migrator.colour.exchange import convertible, streams
from migrator.colour.generators import Generators
from migrator.colour.reaching import Reaching
from migrator.colour.whole_chains import WholeChains
from migrator.index.definitions import FunctionInfo
from migrator.index.walk import walk
from migrator.index.written import label
from migrator.queries import refusals
from migrator.queries.refusals import refuse
from migrator.queries.step import Refusal
from migrator.types.assignments import is_one_call
from migrator.types.facts import GOING_ON, Fact, FunctionFacts
from migrator.types.state import State

#: Where Python calls a special method with nothing to put an `await` on.
_UNSEEN = frozenset(
    {"with", "truth of an object", "item assignment", "augmented assignment", "deletion"}
)

_TABLES_ALONE = refuse(refusals.SESSION_METHOD, "it makes tables and does nothing else")
_FORKED = Refusal(
    "MIG508",
    "os.fork() goes on in a process that has no event loop, where nothing can be awaited",
    "Start a multiprocessing.Process with a function of its own.",
)
_ASYNC_FORM_IN_THE_BRIDGE = Refusal(
    "MIG509",
    "an expression that must run in the bridge needs a query's async form",
    "Run the query first and use its rows.",
)
KEPT_LAMBDA = Refusal(
    "MIG511",
    "a lambda that loads is kept and called elsewhere",
    "Make it a named function.",
)


class Bodies:
    """Reads the facts of one function after the other."""

    def __init__(self, state: State, reaching: Reaching, generators: Generators) -> None:
        self.state = state
        self.reaching = reaching
        self.generators = generators

    def read(self, key: str) -> Refusal | tuple[dict[int, ast.expr], frozenset[int]]:
        """Why the function can't be native; or the expressions of it that run in the bridge.

        And which of these, by id, are there as they are, with legacy queries.
        """
        facts = self.state.facts[key]
        awaited = {f.name for f in facts if self._awaits(f)}
        info = self.state.function(key)
        if awaited == {"schema"} and info is not None and not info.is_async:
            return _TABLES_ALONE
        if any(fact.name == "fork" for fact in facts):
            return _FORKED
        outermost, legacy = self._bridges(facts, info)
        for expression in outermost.values():
            refusal = _unbridgeable(expression)
            if refusal is not None:
                return refusal
        covered = {id(n) for e in outermost.values() for n in walk(e)}
        as_they_are = {id(n) for i in legacy for n in walk(outermost[i])}
        mixed = {
            id(f.node)
            for f in facts
            if f.kind in ("call", "unresolved", "external") and self.reaching.does_io(f)
        }
        for fact in facts:
            if id(fact.node) in as_they_are:
                continue
            if id(fact.node) not in covered:
                refusal = self._refusal(key, facts, fact, mixed)
            elif fact.refusal is not None or not convertible(fact):
                refusal = fact.refusal or _ASYNC_FORM_IN_THE_BRIDGE
            else:
                refusal = None
            if refusal is not None:
                return refusal
        return outermost, legacy

    def _bridges(
        self, facts: FunctionFacts, info: FunctionInfo | None
    ) -> tuple[dict[int, ast.expr], frozenset[int]]:
        """The expressions that run in the bridge, none of them inside another one.

        And which of these are whole chains, with legacy queries as they are.
        """
        bridges: dict[int, ast.expr] = {}
        for fact in facts:
            if not self._awaits(fact):
                continue
            target = fact.blocker
            if target is None and _must_bridge(fact) and isinstance(fact.node, ast.expr):
                target = fact.node
            if target is not None:
                bridges[id(target)] = target
        whole = WholeChains(self.state, facts, info.node).find() if info is not None else {}
        whole = {i: e for i, e in whole.items() if _unbridgeable(e) is None}
        bridges |= whole
        inside = {id(n) for e in bridges.values() for n in walk(e) if n is not e}
        outermost = {i: e for i, e in bridges.items() if i not in inside}
        return outermost, frozenset(whole.keys() & outermost.keys())

    def _refusal(
        self, key: str, facts: FunctionFacts, fact: Fact, mixed: set[int]
    ) -> Refusal | None:
        """Why a fact outside of the bridge has no native form; `mixed` are nodes that call something, too."""
        if fact.refusal is not None:
            return fact.refusal
        if streams(fact) and id(fact.node) not in facts.loop_of:
            return Refusal(
                "MIG516",
                "rows that are fetched in portions are taken by something else than a loop",
                "Loop over them with `async for`.",
            )
        own = fact.kind == "step" and fact.name not in ("method", "row")
        step = fact.action if own else None
        if step is not None and id(fact.node) in mixed:
            return Refusal(
                "MIG515",
                "the receiver may be a query or something else, depending on the way here",
                "Give the two their own variables.",
            )
        lazily = any(map(self._yields_lazily, fact.callees))
        if (
            fact.kind in ("call", "property")
            and lazily
            and self.generators.consumed(key, fact) is None
        ):
            return Refusal(
                "MIG505",
                "it takes a generator in a way that has no async form",
                "Loop over it, or make it a list where it is called.",
            )
        if (
            fact.kind == "external"
            and fact.name == "assign"
            and self.reaching.does_io(fact)
            and (fact.blocker is not None or not is_one_call(fact.node))
        ):
            return Refusal(
                "MIG506",
                "assigning here loads what it replaces",
                "Load the attribute first, or assign in a function that runs in the bridge.",
            )
        if (
            fact.kind == "external"
            and fact.name in _UNSEEN
            and self.reaching.does_io(fact)
            and not _entered_alone(fact, facts)
        ):
            return Refusal(
                "MIG504",
                f"Python calls {fact.callees[0].rpartition(':')[2]} itself ({fact.name})",
                "Call a method of its own there, and await it.",
            )
        if fact.name == GOING_ON and self.reaching.does_io(fact):
            return Refusal(
                "MIG510",
                "it is given a generator expression that loads while its items are taken",
                "Give it a list.",
            )
        if fact.name == "kept callback" and self.reaching.does_io(fact):
            return Refusal(
                "MIG511",
                "a function that loads is called when its results are taken, elsewhere",
                "Make the results a list where they are asked for.",
            )
        if fact.gives_query_away:
            return Refusal(
                "MIG507",
                f"a query object is handed to code that can't be followed: {label(fact.node)} "
                f"in line {getattr(fact.node, 'lineno', 0)}",
                "Run the query first and hand over its rows.",
            )
        return None

    def _yields_lazily(self, key: str) -> bool:
        return key in self.reaching.io and self.generators.gives(key, self._awaits)

    def _awaits(self, fact: Fact) -> bool:
        """Whether native code would have to await here."""
        if fact.kind == "step":
            return fact.io
        return self.reaching.does_io(fact)


def _entered_alone(fact: Fact, facts: FunctionFacts) -> bool:
    """Whether a `with` enters an object of the repository's own and nothing else."""
    node = fact.node
    if not isinstance(node, ast.With) or fact.blocker is not None or len(node.items) > 1:
        return False
    return not any(f.kind == "step" and f.node is node for f in facts)


def _must_bridge(fact: Fact) -> bool:
    """Whether this place has no native form and runs in the bridge as an expression."""
    return fact.kind == "external" and fact.name in ("shown", "special", "fetched")


def _unbridgeable(expression: ast.expr) -> Refusal | None:
    for node in walk(expression):
        match node:
            case ast.Call(func=ast.Name("next"), args=[_], keywords=[]):
                # What runs in the bridge is awaited, and a coroutine can't raise StopIteration.
                return Refusal(
                    "MIG505",
                    "it takes a generator in a way that has no async form: next() may end it",
                    "Give next() a default.",
                )
            case ast.Call(func=ast.Name("super"), args=[]):
                return Refusal(
                    "MIG508",
                    "an expression that must run in the bridge asks for super()",
                    "Ask for it before.",
                )
        if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
            return Refusal(
                "MIG508",
                "an expression that must run in the bridge assigns or yields",
                "Move the assignment out of the expression.",
            )
    if isinstance(expression, ast.GeneratorExp):
        return Refusal(
            "MIG510",
            "a generator expression that loads is kept and iterated elsewhere",
            "Make it a list.",
        )
    if isinstance(expression, ast.Lambda):
        return KEPT_LAMBDA
    return None
