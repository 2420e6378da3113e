"""Which functions do I/O, and which of those become native, bridged or stay as they are.

Native: `async def`, every operation awaited. Bridged: the sync code stays and runs in the bridge.
A function is bridged when its place in the language leaves no choice (a generator, a listener that
a flush calls) or when one of its sites can't be rewritten soundly; the reason is kept. Where only
its callers can't await (a property, a callback), it is native under `@unbridged`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from migrator.colour.bodies import Bodies
from migrator.colour.decision import Decision
from migrator.colour.exchange import bilingual, settle
from migrator.colour.forced import Forced
from migrator.colour.generators import Generators
from migrator.colour.overriding import Overriding
from migrator.colour.reaching import Reaching
from migrator.index.definitions import MODULE_CODE, FunctionInfo
from migrator.index.signature import parameters
from migrator.queries.step import Refusal
from migrator.queries.types import Session
from migrator.types.facts import Fact
from migrator.types.lattice import holds_convertible, holds_query
from migrator.types.query_methods import adds_to_queries, takes_selects
from migrator.types.state import State


class Decisions:
    """What becomes of every function.

    `opaque` are functions that must stay as they are for what stands around them, `decorated` those
    that it takes for plain functions only. `starts` make the application and set it up.
    """

    def __init__(
        self,
        state: State,
        *,
        left: Mapping[str, Refusal] | None = None,
        wrapped_by: Mapping[str, tuple[str, ...]] | None = None,
        hidden: Collection[str] = (),
        opaque: Mapping[str, Refusal] | None = None,
        decorated: Mapping[str, Refusal] | None = None,
        library: bool = False,
        starts: Collection[str] = (),
    ) -> None:
        self.state = state
        self.left = dict(left or {})
        #: For each decorated function, the inner functions of its decorators, outermost first.
        self.wrapped_by = dict(wrapped_by or {})
        #: Functions that their outermost decorator makes plain ones.
        self.hidden = frozenset(hidden)
        #: Inner functions of decorators, which await what they wrap.
        self.wrappers = frozenset(w for ws in self.wrapped_by.values() for w in ws)
        #: No application calls the functions: each that does I/O is a coroutine function.
        self.library = library
        self.by_key: dict[str, Decision] = {
            key: Decision(key) for key in state.facts if not key.endswith(MODULE_CODE)
        }
        self.reaching = Reaching(state, self.wrapped_by)
        self.generators = Generators(
            state, self.reaching.does_io, {*(opaque or {}), *self.wrapped_by}, decorated or ()
        )
        self.forced = Forced(
            state,
            self.reaching,
            self.generators,
            opaque=opaque or {},
            decorated=decorated or {},
            wrappers=self.wrappers,
            starts=starts,
        )
        self._bodies = Bodies(state, self.reaching, self.generators)
        self._overriding = Overriding(
            state, self.reaching, self.forced, self.generators, self.hidden
        )
        self._modes()
        for key, because in self.reaching.because.items():
            if key in self.by_key:
                self.by_key[key].because = because

    def __getitem__(self, key: str) -> Decision:
        return self.by_key[key]

    def get(self, key: str) -> Decision | None:
        return self.by_key.get(key)

    # -- modes -----------------------------------------------------------------------------

    def _modes(self) -> None:
        while True:
            for key, decision in self.by_key.items():
                self._decide(key, decision)
            settle(self.state, self.by_key, self.forced.template_words, self.wrapped_by)
            # What is bridged with the function around it exchanges queries as a bridged one.
            if self._nested() or self._stayed():
                continue
            # They bridge a call that was no I/O before, or share a colour: their callers await them in turn.
            late = self._late() or self._overriding.shared(self.by_key, self._coroutines())
            if not late:
                break
            self.reaching.add(late)
            self.forced.update()
        for key, decision in self.by_key.items():
            info = self.state.function(key)
            if decision.mode == "bridged" and info is not None and info.is_async:
                decision.mode = "left"  # what is asynchronous already can't run in the bridge
        coroutines = self._coroutines()
        for decision in self.by_key.values():
            decision.asynchronous = decision.awaited = decision.key in coroutines
            if decision.key in self.generators.accepted & self.reaching.io:
                # What hands one on is a plain function.
                decision.streams, decision.awaited = True, False
        for key, wrappers in self.wrapped_by.items():
            found = self.by_key.get(key)
            outermost = self._outermost(wrappers[0]) if wrappers else ""
            if found is not None and outermost in self.by_key:
                found.awaited = self.by_key[outermost].asynchronous
        for key in self.hidden & self.by_key.keys():
            self.by_key[key].awaited = False

    def _outermost(self, wrapper: str) -> str:
        """What a decorator puts in the place of a function: its inner one, or what is around that in turn."""
        seen: set[str] = set()
        while wrapper not in seen and self.wrapped_by.get(wrapper):
            seen.add(wrapper)
            wrapper = self.wrapped_by[wrapper][0]
        return wrapper

    def _coroutines(self) -> set[str]:
        """The functions whose text becomes asynchronous, as far as that is known by now."""
        return {
            decision.key
            for decision in self.by_key.values()
            if decision.key in self.reaching.io
            and ((decision.mode == "native" and not decision.unbridged) or self.wrapped(decision))
        }

    def _stayed(self) -> bool:
        """Take note of generators that stay sync for what is in them or around them."""
        stayed = [
            key
            for key in self.generators.accepted & self.reaching.io
            if self.by_key[key].mode not in ("native", "plain")
        ]
        for key in stayed:
            reason = self.by_key[key].reason
            self.generators.refuse(
                key, reason.reason if reason is not None else "it stays as it is"
            )
            if reason is not None:
                self.forced.sync.setdefault(key, reason)
        if stayed:
            self.forced.update()
        return self.generators.reconsider(self.reaching.does_io) or bool(stayed)

    def _late(self) -> set[str]:
        """Functions that do no I/O themselves and keep legacy queries, or call a builder of them."""
        found = {
            key
            for key, facts in self.state.facts.items()
            if key not in self.reaching.io
            and key in self.by_key
            and not self.by_key[key].keeps_queries
            and (
                any(self._bridges_builder(fact) for fact in facts)
                or (self.by_key[key].mode == "bridged" and any(f.site for f in facts))
            )
        }
        work = list(found)
        while work:
            for caller in self.reaching.callers.get(work.pop(), ()):
                if caller not in found and caller not in self.reaching.io:
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
        if decision.mode != "bridged" or decision.key in self.forced:
            return False
        info = self.state.function(decision.key)
        return info is not None and (
            (self.library and info.parent is None) or bool(session_parameters(self.state, info))
        )

    def _decide(self, key: str, decision: Decision) -> None:
        if decision.kept:
            # Settled in an earlier round; going back would go on for ever.
            return
        decision.bridge_nothing()
        decision.converts, decision.reason = False, None
        decision.unbridged = decision.gives_unseen = False
        if key in self.left:
            decision.mode, decision.reason = "left", self.left[key]
            return
        concerned = self._builds_queries(key) or self._gives_unseen(key)
        if key not in self.reaching.io and not concerned:
            decision.mode = "plain"
            return
        if key in self.generators.forwarders and key not in self.forced:
            decision.mode = "plain"
            return
        if key in self.forced.sync:
            decision.mode, decision.reason = "bridged", self.forced.sync[key]
            decision.gives_unseen = self._gives_unseen(key)
            return
        read = self._bodies.read(key)
        if isinstance(read, Refusal):
            info = self.state.function(key)
            # What is asynchronous already can't run in the bridge.
            stays = info is not None and info.is_async
            decision.mode, decision.reason = "left" if stays else "bridged", read
            return
        decision.mode = "native"
        decision.bridges, decision.legacy = read
        shown = key in self.reaching.io and key in self.forced.shown
        if shown and not adds_to_queries(self.state, self.state.function(key)):
            decision.unbridged, decision.reason = True, self.forced.shown[key]

    def _gives_unseen(self, key: str) -> bool:
        """Whether callers out of sight get a query from it, be it another function's: a legacy one.

        What only refines those that it is given, gives them the kind that they have.
        """
        unseen = self.forced.calls_unseen(key) and not bilingual(self.state, key)
        return unseen and holds_convertible(self.state.returns.get(key))

    def on_both(self, key: str) -> bool:
        """Whether a method of a query class is called on selects, and by others on legacy queries."""
        info = self.state.function(key)
        if takes_selects(self.state, info):
            return True
        return adds_to_queries(self.state, info) and (
            key in self.forced.shown
            or (info is not None and info.name in self.generators.unresolved)
        )

    def _builds_queries(self, key: str) -> bool:
        return any(
            (f.kind == "step" and (f.action or f.refusal))
            # A query that it was given, and gives away: which kind it is matters there.
            or f.gives_query_away
            for f in self.state.facts[key]
        )

    def _nested(self) -> bool:
        """A function inside a bridged one stays as it is with it; whether there is another one."""
        found = False
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
                    and not (info is not None and info.is_async)
                    and parent.key not in self.forced.starting
                ):
                    decision.mode, decision.reason = outer.mode, outer.reason
                    decision.bridge_nothing()
                    decision.unbridged = False
                    self.forced.sync.setdefault(key, outer.reason or Refusal("MIG503", "", ""))
                    found = True
                parent = parent.parent
        return found

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
    facts = state.facts.get(info.key)
    if facts is None:
        return []
    return [
        a.arg
        for a in parameters(info.node.args)
        if isinstance(session := facts.environment.get(a.arg), Session) and not session.given
    ]
