"""All overrides of a method share a colour, where whoever calls one of them can await.

What a call may mean several of, has one already (`reaching`). Others are called one by one, by `super()`,
or on objects that nobody knows: a plain one among coroutine functions becomes one too, so that each class
keeps what its base says. It stays plain where it, or what would have to await it, is called by what can't:
the code of a module, other code, an expression that would have to run in the bridge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from migrator.colour.bodies import Bodies
from migrator.colour.decision import Decision
from migrator.colour.forced import Forced
from migrator.colour.generators import Generators
from migrator.colour.reaching import Reaching
from migrator.index.names import is_special
from migrator.queries.step import Refusal
from migrator.types.facts import Fact
from migrator.types.state import State


class Overriding:
    """Asks of plain overrides what would become of their callers. `hidden` are plain for what decorates them."""

    def __init__(
        self,
        state: State,
        reaching: Reaching,
        forced: Forced,
        generators: Generators,
        hidden: Collection[str],
    ) -> None:
        self.state = state
        self.reaching = reaching
        self.forced = forced
        self.generators = generators
        self.hidden = hidden

    def shared(self, decisions: Mapping[str, Decision], coroutines: Collection[str]) -> set[str]:
        """The plain ones among `coroutines` that may become some."""
        wanted = [*self._plain(decisions, coroutines)]
        while wanted:
            added = set().union(*wanted)
            against = _Supposed(self, decisions, added).against()
            if not against:
                return added
            wanted = [plain for plain in wanted if plain.isdisjoint(against)]
        return set()

    def _plain(
        self, decisions: Mapping[str, Decision], coroutines: Collection[str]
    ) -> Iterator[set[str]]:
        """The plain ones of each family that has nothing but these and coroutine functions."""
        handing_on = self.generators.accepted
        for family in filter(handing_on.isdisjoint, self._families(coroutines)):
            sync = {key for key in family if not self.state.project.functions[key].is_async}
            plain = sync.difference(coroutines)
            if plain and all(
                decisions[key].mode == "plain" and key not in self.reaching.io for key in plain
            ):
                yield plain

    def _families(self, coroutines: Collection[str]) -> list[set[str]]:
        """The methods of which one overrides another one in some class, where one is a coroutine function."""
        project, known = self.state.project, self.state.facts
        methods = [info for info in map(self.state.function, coroutines) if info and info.owner]
        names = {info.name for info in methods if not is_special(info.name)}
        found: dict[str, set[str]] = {}
        for cls in project.classes.values() if names else ():
            defined: dict[str, list[str]] = defaultdict(list)
            for owner in project.mro(cls):
                for name in names & owner.methods.keys():
                    each = project.variants(owner.methods[name])
                    defined[name] += [info.key for info in each if info.key in known]
            for keys in defined.values():
                family = set(keys).union(*(found.get(key, ()) for key in keys))
                found.update(dict.fromkeys(family, family))
        families = {id(f): f for f in found.values() if not f.isdisjoint(coroutines)}
        return [f for f in families.values() if len(f) > 1]


class _Supposed:
    """What would be, if the functions that are `added` were coroutine functions."""

    def __init__(
        self, now: Overriding, decisions: Mapping[str, Decision], added: Collection[str]
    ) -> None:
        self.now = now
        self.decisions = decisions
        self.added = added
        self.facts = now.state.facts
        self.reaching = now.reaching.supposing(added)
        self.forced = now.forced.supposing(self.reaching)
        self.new = self.reaching.io - now.reaching.io
        self.bodies = Bodies(now.state, self.reaching, now.generators)
        #: What they are asked for by, where nobody knows what is asked.
        self.names = {
            "()",
            *(info.name for info in filter(None, map(now.state.function, self.new))),
        }

    def against(self) -> set[str]:
        """Those of them that this speaks against; all, where nobody knows which."""
        if self.reaching.takes_more_than(self.now.reaching):
            return set(self.added)
        calling = {key: facts for key in self.facts if (facts := self._calling(key))}
        work = [key for key in self.new if not self._turns(key, calling.get(key, []))]
        work += [k for k in calling.keys() - self.new if not self._goes_on(k, calling[k])]
        work += [key for key in self.facts if key in self.forced and key not in self.now.forced]
        seen: set[str] = set()
        while work:
            key = work.pop()
            if key not in seen:
                seen.add(key)
                work += [called for fact in calling.get(key, ()) for called in self._called(fact)]
        return seen.intersection(self.added) or set(self.added if seen else ())

    def _turns(self, key: str, calling: Sequence[Fact]) -> bool:
        """Whether a function can become a coroutine function, with nothing of it in the bridge."""
        decision = self.decisions.get(key)
        if decision is None or decision.kept or decision.mode in ("bridged", "left"):
            return False
        if key in self.forced or key in self.now.hidden or key in self.now.generators.accepted:
            return False
        if self.facts[key].is_generator:
            return False
        return self.bodies.read(key) == ({}, frozenset()) and all(map(self._is_awaited, calling))

    def _goes_on(self, key: str, calling: Sequence[Fact]) -> bool:
        """Whether what reaches the database already can call them as well, with no more of it in the bridge."""
        decision = self.decisions.get(key)
        if decision is not None and decision.mode == "bridged":
            return all(map(self.now.reaching.does_io, calling))
        if decision is None or decision.mode != "native":
            return False
        read = self.bodies.read(key)
        if isinstance(read, Refusal) or not read[0].keys() <= decision.bridges.keys():
            return False
        return all(map(self._is_awaited, calling))

    def _is_awaited(self, fact: Fact) -> bool:
        """Whether a call of one of them can be awaited where it stands, or asks for one of several today."""
        awaits = fact.kind == "call" and not fact.mixed and fact.blocker is None
        return awaits or self.now.reaching.does_io(fact)

    def _calling(self, key: str) -> list[Fact]:
        """The facts of a function by which it calls one of the new coroutine functions."""
        return [fact for fact in self.facts[key] if self._called(fact)]

    def _called(self, fact: Fact) -> Iterable[str]:
        """The new coroutine functions that a fact runs."""
        if fact.kind in ("reference", "handing"):
            return ()
        if fact.callees:
            return self.new.intersection(self.reaching.callees(fact))
        if fact.kind == "unresolved" and fact.name in self.names:
            return self.new.intersection(self.reaching.by_name(fact))
        return ()
