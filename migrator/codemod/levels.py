"""The level of each endpoint: legacy, bridged or native, with the chain of calls that says why.

A pure function over what the analysis found. An endpoint is bridged as soon as anything that its
view calls, decorators included and hooks excluded, runs in the bridge. Where Flask stays the frame,
each is: the reason tells what of it, besides Flask's own dispatch.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Collection, Iterator, Sequence

from migrator.codemod.reasons import expression_reason, fact_reason
from migrator.codemod.result import EndpointLevel
from migrator.colour.bodies import KEPT_LAMBDA
from migrator.colour.decide import Decisions
from migrator.index.definitions import MODULE_CODE
from migrator.index.written import label
from migrator.plan.model import Plan
from migrator.queries.step import Refusal
from migrator.surface import Endpoint, Surface, TransparentWrapper
from migrator.surface.class_views import handlers
from migrator.types.facts import Fact
from migrator.types.session_calls import OUTSIDE
from migrator.types.state import State

_FOLLOWED = frozenset({"call", "property", "reference", "unresolved"})

UNKNOWN_VIEW = Refusal(
    "MIG419",
    "its view is no function of the repository",
    "Serve it with a view of your own to convert it.",
)
#: On the Flask frame, where the dispatch around every view runs in the bridge.
AWAITED = Refusal(
    "MIG423",
    "everything that it calls is awaited; Flask serves it",
    "Nothing has to be done.",
)
NOT_OURS = Refusal(
    "MIG423",
    "its view is no function of the repository; Flask calls it as it is",
    "Nothing has to be done.",
)
FAILED_FILE = Refusal(
    "MIG192",
    "its file could not be converted",
    "See the finding about that file.",
)


def endpoint_levels(
    surface: Surface,
    plan: Plan,
    state: State,
    decisions: Decisions,
    failed: Collection[str],
) -> tuple[EndpointLevel, ...]:
    """The level of every endpoint, in the order of registration.

    `failed` are the names of modules whose text could not be rewritten: what runs through them
    stays legacy.
    """
    search = _search(surface, plan, state, decisions, failed)
    known: dict[tuple[str, tuple[str, ...]], EndpointLevel] = {}
    found = []
    for endpoint in surface.endpoints:
        settled = _settled(endpoint, decisions, surface.flask)
        if settled is None:
            is_class = endpoint.function in state.project.classes
            key = (endpoint.function, endpoint.methods if is_class else ())
            if key not in known:
                known[key] = search.level(endpoint)
            model = known[key]
            settled = EndpointLevel(endpoint, model.level, model.refusal, model.chain)
            if surface.flask is not None and settled.level == "native":
                settled = EndpointLevel(endpoint, "bridged", AWAITED)
        found.append(settled)
    return tuple(found)


def reached(
    surface: Surface, plan: Plan, state: State, decisions: Decisions
) -> dict[Endpoint, frozenset[str]]:
    """The keys of all functions that an endpoint's view calls, its own included."""
    search = _search(surface, plan, state, decisions, ())
    search.guesses = False
    return {e: frozenset(key for key, _ in search.walk(e)) for e in surface.endpoints if e.function}


def _search(
    surface: Surface, plan: Plan, state: State, decisions: Decisions, failed: Collection[str]
) -> _Search:
    search = _Search(plan, state, decisions, failed)
    search.wrapped_calls = {
        id(call)
        for kind in surface.decorators.values()
        if isinstance(kind, TransparentWrapper)
        for call in kind.calls
    }
    return search


def _settled(
    endpoint: Endpoint, decisions: Decisions, flask: Refusal | None
) -> EndpointLevel | None:
    """The level where the endpoint itself decides it."""
    if endpoint.refusal is not None:
        return EndpointLevel(endpoint, "legacy", endpoint.refusal)
    if not endpoint.function:
        if flask is not None:
            return EndpointLevel(endpoint, "bridged", AWAITED if endpoint.static else NOT_OURS)
        if endpoint.static:
            return EndpointLevel(endpoint, "native")
        return EndpointLevel(endpoint, "legacy", UNKNOWN_VIEW)
    decision = decisions.get(endpoint.function)
    if decision is not None and decision.mode == "left":
        return EndpointLevel(endpoint, "legacy", decision.reason or UNKNOWN_VIEW)
    return None


class _Search:
    """Follows the calls of a view, nearest first, to the first function that is not native."""

    def __init__(
        self, plan: Plan, state: State, decisions: Decisions, failed: Collection[str]
    ) -> None:
        self.state = state
        self.decisions = decisions
        self.failed = failed
        #: Whether a call on an unknown receiver may be any method of that name: a level must not
        #: promise too much, but who works with whom is not a matter of names.
        self.guesses = True
        #: Keys of methods that reach the database, by their name.
        self._named: dict[str, list[str]] | None = None
        #: What a call of nobody knows which callable may run in the bridge, once that was asked for:
        #: functions that are used as values, and whether a lambda is kept that reaches the database.
        self._kept: tuple[tuple[str, ...], bool] | None = None
        #: What was found to be called, by the function that calls it.
        self._calls: dict[str, tuple[str, ...]] = {}
        #: Ids of the calls of what a decorator wraps: they say nothing of the one view at hand.
        self.wrapped_calls: set[int] = set()
        #: Ids of the nodes that the plan puts into the bridge.
        self.bridged = {
            id(edit.node)
            for edits in plan.edits.values()
            for edit in edits
            if any(action.rule.startswith("bridge_") for action in edit.actions)
        }

    def level(self, endpoint: Endpoint) -> EndpointLevel:
        """The level of an endpoint with a view of the repository."""
        found: EndpointLevel | None = None
        for key, path in self.walk(endpoint):
            if key.partition(":")[0] in self.failed:
                return EndpointLevel(endpoint, "legacy", FAILED_FILE, path)
            if found is None:
                reason, last = self._bridge(key)
                if reason is not None:
                    found = EndpointLevel(endpoint, "bridged", reason, (*path, *last))
                    if not self.failed:
                        break
        return found or EndpointLevel(endpoint, "native")

    def walk(self, endpoint: Endpoint) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every function that the view may call, nearest first, with the names that lead there."""
        start = endpoint.function
        paths: dict[str, tuple[str, ...]] = {start: (short_name(start),)}
        queue = deque([start])
        cls = self.state.project.classes.get(start)
        while queue:
            key = queue.popleft()
            path = paths[key]
            yield key, path
            called = self._called(key)
            if cls is not None and key == start:
                path = ()  # A method's name says its class.
                own = handlers(self.state.project, cls, endpoint.methods)
                called = (*called, *(m.key for m in own))
            for callee in called:
                if callee not in paths:
                    paths[callee] = (*path, short_name(callee))
                    queue.append(callee)

    def _bridge(self, key: str) -> tuple[Refusal | None, tuple[str, ...]]:
        """Why something in a function runs in the bridge, or waits as sync code does, and the expression where it is one."""
        for fact in self.state.facts.get(key, ()):
            if fact.kind == "outside":
                return OUTSIDE, (label(fact.node),)
        decision = self.decisions.get(key)
        if decision is None:
            return None, ()
        if decision.mode in ("bridged", "left") or decision.unbridged:
            return decision.reason or Refusal("MIG503", "it runs in the bridge"), ()
        for expression in decision.bridges.values():
            reason = expression_reason(self.state.facts[key], expression)
            return reason, (label(expression),)
        for fact in self.state.facts[key]:
            # A called function is followed: its own reason says more.
            if id(fact.node) in self.bridged and fact.kind != "call":
                found = fact_reason(fact)
                if found is not None:
                    return found, (label(fact.node),)
            if self._calls_any(fact) and self._callables()[1]:
                return KEPT_LAMBDA, (label(fact.node),)
        return None, ()

    def _calls_any(self, fact: Fact) -> bool:
        """Whether it calls a callable that nothing is known of."""
        return fact.kind == "unresolved" and fact.name == "()" and not fact.callees

    def _callables(self) -> tuple[tuple[str, ...], bool]:
        """What such a call may run in the bridge."""
        if self._kept is None:
            given = sorted(self.state.taken & self.decisions.reaching.io)
            lambdas = any(self._keeps_lambda(key) for key in self.state.facts)
            self._kept = tuple(key for key in given if self._stays_sync(key)), lambdas
        return self._kept

    def _stays_sync(self, key: str) -> bool:
        decision = self.decisions.get(key)
        return decision is not None and (decision.mode != "native" or decision.unbridged)

    def _keeps_lambda(self, key: str) -> bool:
        """Whether a function, or a module's own code, keeps a lambda that reaches the database."""
        decision = self.decisions.get(key)
        reason = decision.reason if decision is not None else None
        if not key.endswith(MODULE_CODE) and (reason is None or reason.code != KEPT_LAMBDA.code):
            return False
        return any(
            isinstance(fact.blocker, ast.Lambda)
            and (fact.site or self.decisions.reaching.does_io(fact))
            for fact in self.state.facts[key]
        )

    def _called(self, key: str) -> tuple[str, ...]:
        """What a function may call, each once and in order; many endpoints go the same ways."""
        if key not in self._calls:
            self._calls[key] = tuple(dict.fromkeys(self._each_called(key)))
        return self._calls[key]

    def _each_called(self, key: str) -> Iterator[str]:
        """Its decorators' inner functions, callees, candidates by name."""
        yield from self.decisions.wrapped_by.get(key, ())
        facts = self.state.facts.get(key)
        if facts is None:
            return
        for fact in facts:
            if fact.kind not in _FOLLOWED or id(fact.node) in self.wrapped_calls:
                continue
            yield from self.decisions.reaching.callees(fact)
            if not self.guesses or fact.kind != "unresolved":
                continue
            if self._calls_any(fact):
                yield from self._callables()[0]
            elif fact.name and fact.name != "()":
                yield from self._methods_named(fact.name)

    def _methods_named(self, name: str) -> Sequence[str]:
        """The methods of that name, of any class, that reach the database."""
        if self._named is None:
            self._named = {}
            for key in sorted(self.decisions.reaching.io):
                info = self.state.function(key)
                if info is not None and info.owner is not None:
                    self._named.setdefault(key.rpartition(".")[2], []).append(key)
        return self._named.get(name, ())


def short_name(key: str) -> str:
    """How a reader knows a function: `Class.method` or `function`; nothing of where it is nested."""
    qualname = key.partition(":")[2].partition("@")[0]
    return qualname.rpartition("<locals>.")[2]
