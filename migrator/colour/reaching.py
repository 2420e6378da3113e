"""Which functions reach the database: what does I/O itself, and whoever calls it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property

from migrator.colour.framework_views import framework_views
from migrator.colour.kept_callables import kept_callables, may_run
from migrator.colour.lost_queries import LostQueries
from migrator.colour.lost_repositories import LostRepositories
from migrator.colour.services import is_asked, services
from migrator.index.definitions import FunctionInfo
from migrator.index.signature import positional
from migrator.types.facts import Fact
from migrator.types.state import State

#: Facts that name functions without running them.
_VALUES = frozenset({"reference", "handing"})


class Reaching:
    """The fixpoint over the call graph: `io` are the keys of the functions that do I/O."""

    def __init__(self, state: State, wrapped_by: Mapping[str, tuple[str, ...]]) -> None:
        self.state = state
        #: For each decorated function, the inner functions of its decorators, outermost first.
        self.wrapped_by = wrapped_by
        self.io: set[str] = set()
        #: By function, the callee that makes it do I/O, "" where it does some itself.
        self.because: dict[str, str] = {}
        self.callers: dict[str, set[str]] = defaultdict(set)
        #: The methods that do I/O, by their names.
        self._names: dict[str, set[str]] = defaultdict(set)
        self._taken = False
        self.lost = LostQueries(state)
        self._views = framework_views(state)
        self._services = services(state)
        self._kept = kept_callables(state)
        #: The names of those of them that reach the database.
        self._kept_names: set[str] = set()
        self.repositories = LostRepositories(state)
        self._direct()
        self._spread()

    def callees(self, fact: Fact) -> tuple[str, ...]:
        """The functions that a call runs: the callees and their decorators' inner functions."""
        if not self.wrapped_by:
            return fact.callees
        return fact.callees + tuple(w for c in fact.callees for w in self.wrapped_by.get(c, ()))

    def reaches(self, key: str) -> bool:
        """Whether calling a function by its name does I/O."""
        return key in self.io or any(w in self.io for w in self.wrapped_by.get(key, ()))

    def does_io(self, fact: Fact) -> bool:
        """Whether this fact reaches the database."""
        if fact.kind == "unresolved":
            if fact.io:
                return True
            if fact.callees:
                return any(c in self.io for c in fact.callees)
            if fact.name == "()":
                # Whichever of those used as values it is: `call` finds out at run time.
                return self._taken
            if fact.name in self._kept_names and isinstance(fact.node, ast.Call):
                return True
            lost = self.lost.may_run(fact) or self.repositories.may_run(fact)
            return lost or bool(self.by_name(fact))
        if fact.kind in _VALUES:
            return False
        if fact.callees:
            return any(c in self.io for c in self.callees(fact))
        return fact.io or _unseen(fact)

    def by_name(self, fact: Fact) -> list[str]:
        """The methods with I/O that a call on a receiver of unknown type may mean.

        Of an unknown callable, the functions with I/O that are used as values.
        """
        taken = fact.name == "()"
        found = sorted(self.state.looked_up & self.io) if taken else self._names.get(fact.name, ())
        return [k for k in found if self._accepts(k, fact.node)]

    def add(self, keys: Iterable[str]) -> None:
        """Functions that turn out to do I/O after all, and whoever may call them."""
        self.io.update(keys)
        self._spread()

    def supposing(self, keys: Iterable[str]) -> Reaching:
        """What would be, if these did I/O."""
        other = copy(self)
        other.io, other.because = set(self.io), dict(self.because)
        other._names = defaultdict(set, {name: set(keys) for name, keys in self._names.items()})
        other._kept_names = set(self._kept_names)
        other.add(keys)
        return other

    def takes_more_than(self, other: Reaching) -> bool:
        """Whether calls of what nobody knows reach the database that don't so there."""
        return self._taken > other._taken or self._kept_names > other._kept_names

    def _direct(self) -> None:
        """What does I/O by itself or calls, by name, what does."""
        found: dict[str, str] = {}
        for key, facts in self.state.facts.items():
            for fact in facts:
                for callee in self.callees(fact):
                    if fact.kind not in _VALUES:
                        self.callers[callee].add(key)
                if fact.io or (not fact.callees and _unseen(fact)):
                    found.setdefault(key, "")
        work = list(found)
        while work:
            key = work.pop()
            for caller in self.callers.get(key, ()):
                if caller not in found:
                    found[caller] = key
                    work.append(caller)
        self.because |= found
        self.io |= set(found)

    def _spread(self) -> None:
        """Whatever else may call it: overrides, receivers of unknown type, unknown callables."""
        for key in self.io:
            self._name(key)
        families, declarations = self._families, self._declarations
        changed = True
        while changed:
            changed = False
            if not self._taken and (self.state.taken & self.io or self._in_lambda()):
                self._taken = changed = True
            if self._keeps_more():
                changed = True
            for family in families:
                if family & self.io and not family <= self.io:
                    # All overrides of a method share a colour.
                    for key in family - self.io:
                        self._reached(key)
                    changed = True
            for declared, overrides in declarations.items():
                if declared not in self.io and overrides <= self.io:
                    self._reached(declared)
                    self.because[declared] = min(overrides)
                    changed = True
            for key, facts in self.state.facts.items():
                if key in self.io:
                    continue
                reaching = [fact for fact in facts if self.does_io(fact)]
                if reaching:
                    self._reached(key)
                    changed = True
                    self.because[key] = next(iter(reaching[-1].callees), "")
            for key in list(self.io):
                for caller in self.callers.get(key, ()):
                    if caller not in self.io:
                        self._reached(caller)
                        self.because[caller] = key
                        changed = True

    def _reached(self, key: str) -> None:
        self.io.add(key)
        self._name(key)

    def _lambdas(self) -> Iterator[int]:
        """Ids of the lambdas that are kept somewhere and reach the database, or make a query."""
        for facts in self.state.facts.values():
            for fact in facts:
                if isinstance(fact.blocker, ast.Lambda) and (fact.site or self.does_io(fact)):
                    yield id(fact.blocker)

    def _in_lambda(self) -> bool:
        return any(True for _ in self._lambdas())

    def _keeps_more(self) -> bool:
        """Whether more names of kept callables turn out to reach the database."""
        if not self._kept.keys() - self._kept_names:
            return False
        lambdas = frozenset(self._lambdas())
        found = {n for n, kept in self._kept.items() if may_run(kept, lambdas, self.io)}
        more = not found <= self._kept_names
        self._kept_names |= found
        return more

    @cached_property
    def _families(self) -> list[set[str]]:
        """Functions that a call may mean one of.

        A method and what overrides it; functions of one name inside of another, `def wrapper` in
        both branches of a decorator.
        """
        known = self.state.facts
        found: list[set[str]] = [
            {f.key for f in named if f.key in known}
            for info in self.state.project.functions.values()
            for named in info.locals.values()
            if len(named) > 1
        ]
        for facts in known.values():
            for fact in facts:
                if fact.kind == "call" and len(fact.callees) > 1:
                    names = {c.rpartition(".")[2].partition("@")[0] for c in fact.callees}
                    if len(names) == 1 and all(map(self._is_method, fact.callees)):
                        found.append(set(fact.callees))
        return found

    @cached_property
    def _declarations(self) -> dict[str, set[str]]:
        """Methods that nobody calls but by what overrides them, and what does: of an ABC, of a Protocol.

        Where all of these are async they are, too, so that the class says what its objects do.
        """
        project, found = self.state.project, defaultdict[str, set[str]](set)
        for key in self.state.facts:
            info = self.state.function(key)
            if info is None or info.owner is None or info.owner.key in self._views:
                continue
            for base in project.mro(info.owner)[1:]:
                above = base.methods.get(info.name)
                if above is not None and self._only_declares(above):
                    found[above.key].add(key)
        # A generator's calls are no coroutines.
        return {k: o for k, o in found.items() if not any(self._generates(key) for key in (k, *o))}

    def _generates(self, key: str) -> bool:
        return self.state.facts[key].is_generator

    def _only_declares(self, method: FunctionInfo) -> bool:
        others = any(not name.endswith("abstractmethod") for name in method.decorators())
        return method.key in self.state.facts and not others and not self.callers.get(method.key)

    def _name(self, key: str) -> None:
        info = self.state.function(key)
        if info is None or info.is_async:
            return
        if info.owner is not None and info.owner.key in self._views:
            return
        taken = info.parent is None and info.module.name in self.state.taken_modules
        if info.owner is not None or taken:
            self._names[info.name].add(key)

    def _accepts(self, key: str, node: ast.AST) -> bool:
        """Whether the method can be called like this at all: `x.get("a", "")` is no `get(self)`."""
        info = self.state.function(key)
        if info is None or not isinstance(node, ast.Call):
            return True
        names = self._services.get(info.owner.key) if info.owner is not None else None
        if names is not None and not is_asked(node, names):
            return False
        wanted = info.node.args
        if any(isinstance(a, ast.Starred) for a in node.args) or wanted.vararg is not None:
            return True
        static = info.owner is None or any(d.endswith("staticmethod") for d in info.decorators())
        bound = 0 if static else 1
        return len(node.args) <= len(positional(wanted)) - bound

    def only_guessed(self, key: str) -> bool:
        """Whether all I/O of a function is calls on receivers that may be something else."""
        return not any(
            self.does_io(fact) and (fact.kind != "unresolved" or fact.io or fact.callees)
            for fact in self.state.facts[key]
        )

    def _is_method(self, key: str) -> bool:
        info = self.state.function(key)
        return info is not None and info.owner is not None


def _unseen(fact: Fact) -> bool:
    """Whether instances are handed to code that may load."""
    return fact.kind == "external" and fact.name not in ("login", "inherited")
