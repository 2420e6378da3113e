"""Which functions do I/O, and which of those become native, bridged or stay as they are.

Native: `async def`, every operation awaited. Bridged: the sync code stays and runs in the bridge.
A function is bridged when its place in the language leaves no choice (a property, a dunder, a
generator, a callback) or when one of its sites can't be rewritten soundly; the reason is kept.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

from migrator.colour.decision import Decision
from migrator.colour.exchange import convertible, settle, streams
from migrator.colour.facts import Fact, FunctionFacts
from migrator.colour.lattice import holds_query
from migrator.colour.state import State
from migrator.index.project import FunctionInfo
from migrator.queries.step import Refusal
from migrator.queries.types import Session

_SYNC_DECORATORS = (
    "property", "cached_property", "hybrid_property", "hybrid_method", "validates", "listens_for",
    "listens_for_decorator", "contextmanager", "lru_cache", "cache", "declared_attr", ".setter",
    ".expression", ".comparator", ".deleter", "total_ordering", "reconstructor", "event.listens_for",
    "overload", "abstractproperty",
)  # fmt: skip
#: Bases that never call a method which they don't define themselves.
_HARMLESS_BASES = (
    "SQLAlchemy().Model", "declarative_base", "DeclarativeBase", "DeclarativeBaseNoMeta",
    "AsyncAttrs", "MappedAsDataclass", "automap_base", "UserMixin", "AnonymousUserMixin", "Model",
    "SyncRepository",
    # The target's own classes of these names await what they dispatch to.
    "flask.views.MethodView", "flask.views.View",
)  # fmt: skip
_HARMLESS_PREFIXES = (
    "object", "builtins.", "abc.", "typing.", "enum.", "collections.", "dataclasses.", "Exception",
    "ValueError", "typing_extensions.",
)  # fmt: skip
#: Where Python calls a special method with nothing to put an `await` on.
_UNSEEN = frozenset({"with", "truth of an object", "item assignment"})
#: References by which a function leaves our sight, whatever else it is registered for.
_STORED = frozenset({"an assignment", "an attribute of a class", "what the framework gets"})
_TRANSPARENT = frozenset({"staticmethod", "classmethod", "abstractmethod", "abc.abstractmethod"})


class Decisions:
    """The fixpoint over the call graph."""

    def __init__(
        self,
        state: State,
        *,
        left: Mapping[str, Refusal] | None = None,
        wrapped_by: Mapping[str, tuple[str, ...]] | None = None,
        opaque: Mapping[str, Refusal] | None = None,
        library: bool = False,
    ) -> None:
        self.state = state
        self.left = dict(left or {})
        #: For each decorated function, the inner functions of its decorators, outermost first.
        self.wrapped_by = dict(wrapped_by or {})
        #: Inner functions of decorators, which await what they wrap.
        self.wrappers = frozenset(w for ws in self.wrapped_by.values() for w in ws)
        #: Functions whose decorators take plain functions alone.
        self.opaque = dict(opaque or {})
        #: No application calls the functions: each that does I/O is a coroutine function.
        self.library = library
        self.by_key: dict[str, Decision] = {
            key: Decision(key) for key in state.facts if not key.endswith(":<module>")
        }
        self.io = self._io()
        self.sync: dict[str, Refusal] = {}
        self._forced()
        self._modes()

    def __getitem__(self, key: str) -> Decision:
        return self.by_key[key]

    def get(self, key: str) -> Decision | None:
        return self.by_key.get(key)

    # -- who does I/O ----------------------------------------------------------------------

    def _io(self) -> set[str]:
        callers: dict[str, set[str]] = defaultdict(set)
        self._callers = callers
        found: dict[str, str] = {}
        for key, facts in self.state.facts.items():
            for fact in facts:
                for callee in self.callees(fact):
                    if fact.kind != "reference":
                        callers[callee].add(key)
                if fact.io or (
                    fact.kind == "external"
                    and not fact.callees
                    and fact.name not in ("login", "inherited")
                ):
                    found.setdefault(key, "")
        work = list(found)
        while work:
            key = work.pop()
            for caller in callers.get(key, ()):
                if caller not in found:
                    found[caller] = key
                    work.append(caller)
        for key, because in found.items():
            if key in self.by_key:
                self.by_key[key].because = because
        result = set(found)
        # A method of unknown receiver may be any of that name that does I/O.
        self._io_names = {k.rpartition(".")[2] for k in result if self._is_method(k)}
        families = self._families()
        changed = True
        self._io_taken = False
        while changed:
            changed = False
            if not self._io_taken and self.state.taken & result:
                self._io_taken = changed = True
            for family in families:
                if family & result and not family <= result:
                    # All overrides of a method share a colour.
                    result |= family
                    changed = True
            for key, facts in self.state.facts.items():
                if key in result:
                    continue
                if any(self.does_io(f) for f in facts):
                    result.add(key)
                    if self._is_method(key):
                        self._io_names.add(key.rpartition(".")[2])
                    changed = True
                    for fact in facts:
                        if self.does_io(fact) and key in self.by_key:
                            self.by_key[key].because = next(iter(fact.callees), "")
            for key in list(result):
                for caller in callers.get(key, ()):
                    if caller not in result:
                        result.add(caller)
                        if caller in self.by_key:
                            self.by_key[caller].because = key
                        changed = True
            self.io = result
        return result

    def _families(self) -> list[set[str]]:
        """Methods that a call may mean one of: a method and what overrides it."""
        found: list[set[str]] = []
        for facts in self.state.facts.values():
            for fact in facts:
                if fact.kind == "call" and len(fact.callees) > 1:
                    names = {c.rpartition(".")[2] for c in fact.callees}
                    if len(names) == 1 and all(map(self._is_method, fact.callees)):
                        found.append(set(fact.callees))
        return found

    def callees(self, fact: Fact) -> tuple[str, ...]:
        """The functions that a call runs: the callees and their decorators' inner functions."""
        if not self.wrapped_by:
            return fact.callees
        return fact.callees + tuple(w for c in fact.callees for w in self.wrapped_by.get(c, ()))

    def reaches(self, key: str) -> bool:
        """Whether calling a function by its name does I/O."""
        return key in self.io or any(w in self.io for w in self.wrapped_by.get(key, ()))

    def _is_method(self, key: str) -> bool:
        info = self.state.function(key)
        return info is not None and info.owner is not None

    def does_io(self, fact: Fact) -> bool:
        """Whether this fact reaches the database."""
        if fact.kind == "unresolved":
            if fact.io:
                return True
            if fact.callees:
                return any(c in getattr(self, "io", ()) for c in fact.callees)
            if fact.name == "()":
                # Whichever of those used as values it is: `call` finds out at run time.
                return self._io_taken
            return fact.name in self._io_names
        if fact.kind == "reference":
            return False
        if fact.callees:
            io = getattr(self, "io", None)
            return io is not None and any(c in io for c in self.callees(fact))
        return fact.io or (fact.kind == "external" and fact.name not in ("login", "inherited"))

    # -- who must stay sync ----------------------------------------------------------------

    def _forced(self) -> None:
        for key in self.io:
            info = self.state.function(key)
            if info is None or key in self.wrappers:
                continue
            reason = self._forced_by_form(info, self.state.facts[key]) or self.opaque.get(key)
            if reason is not None:
                self.sync[key] = reason
        for key, facts in self.state.facts.items():
            for fact in facts:
                if fact.kind != "reference":
                    continue
                for callee in fact.callees:
                    if callee in self.io and (not self._registered(callee) or fact.name in _STORED):
                        self.sync.setdefault(
                            callee,
                            Refusal(
                                "MIG502",
                                f"it is passed on as a value (to {fact.name or 'other code'}) "
                                f"in {key.partition(':')[2]}",
                                "Call it directly, or pass an async callable where one is taken.",
                            ),
                        )

        for key, facts in self.state.facts.items():
            if not key.endswith(":<module>"):
                continue
            for fact in facts:
                for callee in fact.callees if fact.kind == "call" else ():
                    if callee in self.io:
                        self.sync.setdefault(
                            callee,
                            Refusal(
                                "MIG513",
                                f"{key.partition(':')[0]} calls it when it is imported, where "
                                "nothing can be awaited",
                                "Call it from a function that the lifespan or a command calls.",
                            ),
                        )

    def _registered(self, key: str) -> bool:
        """Whether the converted framework calls it, and awaits it where it has to."""
        return self.state.entries.get(key, "task") not in ("task", "signal")

    def _forced_by_form(self, info: FunctionInfo, facts: FunctionFacts) -> Refusal | None:
        for name in info.decorators():
            if name in _TRANSPARENT:
                continue
            if name.endswith(_SYNC_DECORATORS):
                return Refusal(
                    "MIG503",
                    f"@{name} needs a plain function",
                    "Turn it into an async method and await it where it is used.",
                )
        if info.name.startswith("__") and info.name.endswith("__"):
            return Refusal(
                "MIG504",
                f"Python calls {info.name} itself and can't await it",
                "Move the database work into a method of its own.",
            )
        if facts.is_generator:
            return Refusal(
                "MIG505",
                "it is a generator, and its consumers iterate it synchronously",
                "Return a list, or make it an async generator and use `async for`.",
            )
        foreign = self._foreign_base(info)
        if foreign:
            return Refusal(
                "MIG501",
                f"its class derives from {foreign}, which may call it and would not await it",
                "Move the database work into a function of its own.",
            )
        if isinstance(info.node, ast.AsyncFunctionDef):
            return None
        if info.parent is not None and info.parent.key in self.sync:
            return self.sync[info.parent.key]
        return None

    def _foreign_base(self, info: FunctionInfo) -> str:
        """A base of the method's class from elsewhere that may call the method by its name."""
        if info.owner is None:
            return ""
        for base in self.state.project.external_bases(info.owner):
            if not base.endswith(_HARMLESS_BASES) and not base.startswith(_HARMLESS_PREFIXES):
                return base
        return ""

    # -- modes -----------------------------------------------------------------------------

    def _modes(self) -> None:
        while True:
            for key, decision in self.by_key.items():
                self._decide(key, decision)
            settle(self.state, self.by_key)
            self._nested()
            late = self._late()
            if not late:
                break
            # They bridge a call that was no I/O before: their callers await them in turn.
            self.io |= late
            self._forced()
        for decision in self.by_key.values():
            decision.asynchronous = decision.awaited = decision.key in self.io and (
                decision.mode == "native" or self.wrapped(decision)
            )
        for key, wrappers in self.wrapped_by.items():
            found = self.by_key.get(key)
            if found is not None and wrappers and wrappers[0] in self.by_key:
                found.awaited = self.by_key[wrappers[0]].asynchronous

    def _late(self) -> set[str]:
        """Functions that do no I/O themselves and call a builder that keeps legacy queries."""
        found = {
            key
            for key, facts in self.state.facts.items()
            if key not in self.io
            and key in self.by_key
            and not self.by_key[key].keeps_queries
            and any(self._bridges_builder(fact) for fact in facts)
        }
        work = list(found)
        while work:
            for caller in self._callers.get(work.pop(), ()):
                if caller not in found and caller not in self.io:
                    found.add(caller)
                    work.append(caller)
        return found

    def _bridges_builder(self, fact: Fact) -> bool:
        if fact.kind != "call":
            return False
        return any(
            self.by_key[c].keeps_queries and holds_query(self.state.returns.get(c))
            for c in fact.callees
            if c in self.by_key
        )

    def wrapped(self, decision: Decision) -> bool:
        """A bridged function that takes a session: the old body moves into `bridge`."""
        if decision.mode != "bridged" or decision.key in self.sync:
            return False
        info = self.state.function(decision.key)
        return info is not None and (
            (self.library and info.parent is None) or bool(session_parameters(self.state, info))
        )

    def _decide(self, key: str, decision: Decision) -> None:
        if decision.kept:
            # Settled in an earlier round; going back would go on for ever.
            return
        decision.bridges, decision.converts, decision.reason = {}, False, None
        if key in self.left:
            decision.mode, decision.reason = "left", self.left[key]
            return
        if key not in self.io and not self._builds_queries(key):
            decision.mode = "plain"
            return
        if key in self.sync:
            decision.mode, decision.reason = "bridged", self.sync[key]
            return
        refusal = self._refusal(key, decision)
        decision.mode = "native" if refusal is None else "bridged"
        decision.reason = refusal

    def _builds_queries(self, key: str) -> bool:
        return any(f.kind == "step" and (f.action or f.refusal) for f in self.state.facts[key])

    def _refusal(self, key: str, decision: Decision) -> Refusal | None:
        """Why the function can't be native, or None; fills in the expressions to bridge."""
        info = self.state.function(key)
        facts = self.state.facts[key]
        if info is not None and isinstance(info.node, ast.AsyncFunctionDef):
            return None
        bridges: dict[int, ast.expr] = {}
        for fact in facts:
            if not self._awaits(fact):
                continue
            target = fact.blocker
            if target is None and self._must_bridge(fact) and isinstance(fact.node, ast.expr):
                target = fact.node
            if target is not None:
                bridges[id(target)] = target
        inside = {id(n) for e in bridges.values() for n in ast.walk(e) if n is not e}
        outermost = {i: e for i, e in bridges.items() if i not in inside}
        covered = {id(n) for e in outermost.values() for n in ast.walk(e)}
        for expression in outermost.values():
            refusal = self._unbridgeable(expression)
            if refusal is not None:
                return refusal
        mixed = {
            id(f.node)
            for f in facts
            if f.kind in ("call", "unresolved", "external") and self.does_io(f)
        }
        for fact in facts:
            if id(fact.node) in covered:
                if fact.refusal is not None or not convertible(fact):
                    return fact.refusal or Refusal(
                        "MIG509",
                        "an expression that must run in the bridge needs a query's async form",
                        "Run the query first and use its rows.",
                    )
                continue
            if fact.refusal is not None:
                return fact.refusal
            if streams(fact) and id(fact.node) not in facts.loop_of:
                return Refusal(
                    "MIG516",
                    "rows that are fetched in portions are taken by something else than a loop",
                    "Loop over them with `async for`.",
                )
            if fact.kind == "step" and fact.action is not None and id(fact.node) in mixed:
                return Refusal(
                    "MIG515",
                    "the receiver may be a query or something else, depending on the way here",
                    "Give the two their own variables.",
                )
            if fact.kind == "call" and any(self._yields_lazily(c) for c in fact.callees):
                return Refusal(
                    "MIG505",
                    "it consumes a generator that loads as it goes",
                    "Return a list from the generator, or make it an async generator.",
                )
            if (
                fact.kind == "external"
                and fact.name == "assign"
                and self.does_io(fact)
                and (fact.blocker is not None or not isinstance(fact.node, ast.Assign))
            ):
                return Refusal(
                    "MIG506",
                    "assigning here loads what it replaces",
                    "Load the attribute first, or assign in a function that runs in the bridge.",
                )
            if fact.kind == "external" and fact.name in _UNSEEN and self.does_io(fact):
                return Refusal(
                    "MIG504",
                    f"Python calls {fact.callees[0].rpartition(':')[2]} itself ({fact.name})",
                    "Call a method of its own there, and await it.",
                )
            if fact.kind == "external" and fact.name == "query":
                return Refusal(
                    "MIG507",
                    "a query object is handed to code that can't be followed",
                    "Run the query first and hand over its rows.",
                )
        decision.bridges = outermost
        return None

    def _yields_lazily(self, key: str) -> bool:
        facts = self.state.facts.get(key)
        return facts is not None and facts.is_generator and key in self.io

    def _awaits(self, fact: Fact) -> bool:
        """Whether native code would have to await here."""
        if fact.kind == "step":
            return fact.io
        return self.does_io(fact)

    def _must_bridge(self, fact: Fact) -> bool:
        """Whether this place has no native form and runs in the bridge as an expression."""
        return fact.kind == "external" and fact.name in ("shown", "special")

    def _unbridgeable(self, expression: ast.expr) -> Refusal | None:
        for node in ast.walk(expression):
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
            return Refusal(
                "MIG511",
                "a lambda that loads is kept and called elsewhere",
                "Make it a named function.",
            )
        return None

    def _nested(self) -> None:
        """A function inside a bridged one stays as it is with it."""
        for key, decision in self.by_key.items():
            info = self.state.function(key)
            parent = info.parent if info is not None else None
            while parent is not None:
                outer = self.by_key.get(parent.key)
                if (
                    outer is not None
                    and outer.mode in ("bridged", "left")
                    and decision.mode == "native"
                    and key not in self.wrappers
                ):
                    decision.mode, decision.reason = outer.mode, outer.reason
                    decision.bridges = {}
                    self.sync.setdefault(key, outer.reason or Refusal("MIG503", "", ""))
                parent = parent.parent

    # -- explanations ----------------------------------------------------------------------

    def chain(self, key: str) -> Iterator[str]:
        """The calls that lead from a function to the I/O that colours it."""
        seen: set[str] = set()
        while key and key not in seen:
            seen.add(key)
            yield key
            decision = self.by_key.get(key)
            key = decision.because if decision is not None else ""


def session_parameters(state: State, info: FunctionInfo) -> list[str]:
    """The names of a function's parameters that are sessions."""
    arguments = info.node.args
    facts = state.facts.get(info.key)
    if facts is None:
        return []
    return [
        a.arg
        for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        if isinstance(facts.environment.get(a.arg), Session)
    ]
