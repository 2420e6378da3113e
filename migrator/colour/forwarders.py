"""Functions that hand on a generator or context manager: `def session(self): return self._database.session()`.

Such a function does nothing else that reaches the database: it stays as it is, and its callers take what it
gives as they would take it from the generator function itself.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterator

from migrator.index.definitions import ExternalName, FunctionInfo
from migrator.types.facts import ON_THE_RESULT, Fact
from migrator.types.generator_bodies import own_nodes
from migrator.types.giving import chosen_from
from migrator.types.state import State

_NULL = "contextlib.nullcontext"
_METHODS = frozenset({"staticmethod", "classmethod"})


class Forwarders:
    """`handed`: for each of them, the facts of the calls that give what it gives, by the id of the node."""

    def __init__(
        self,
        state: State,
        generators: Collection[str],
        managers: Container[str],
        mixed: Container[int],
    ) -> None:
        """`managers` are those of `generators` that make context managers; `mixed` calls may mean something else."""
        self._state = state
        self._mixed = mixed
        self.handed: dict[str, dict[int, Fact]] = {}
        #: Those that hand on a context manager.
        self.managers: set[str] = set()
        callers: dict[str, set[str]] = defaultdict(set)
        for key, facts in state.facts.items():
            for fact in facts:
                for callee in fact.callees if _runs(fact) else ():
                    callers[callee].add(key)
        work = [*generators]
        while work:
            for key in sorted(callers.get(work.pop(), ())):
                info = state.function(key)
                if info is None or key in self.handed or key in generators:
                    continue
                found = self._hands_on(info, generators)
                entered = {c in managers or c in self.managers for f in found for c in f.callees}
                if len(entered) != 1:
                    continue
                if entered == {True}:
                    self.managers.add(key)
                elif not _METHODS.issuperset(info.decorators()) or self._has_null(info):
                    continue
                self.handed[key] = {id(fact.node): fact for fact in found}
                work.append(key)

    def __contains__(self, key: object) -> bool:
        return key in self.handed

    def drop(self, does_io: Callable[[Fact], bool]) -> list[str]:
        """Take away those that reach the database by something else too, and what hands on what they give."""
        gone = [key for key in self.handed if self._does_more(key, does_io)]
        dropped: list[str] = []
        while gone:
            key = gone.pop()
            if self.handed.pop(key, None) is None:
                continue
            self.managers.discard(key)
            dropped.append(key)
            gone += [k for k, facts in self.handed.items() if _names(facts.values(), key)]
        return dropped

    def _does_more(self, key: str, does_io: Callable[[Fact], bool]) -> bool:
        handed = self.handed[key]
        return any(
            fact.io or fact.action is not None or does_io(fact)
            for fact in self._state.facts[key]
            if id(fact.node) not in handed or not _runs(fact)
        )

    def _hands_on(self, info: FunctionInfo, generators: Collection[str]) -> list[Fact]:
        """The calls one of which gives what the function gives; none where it may give anything else."""
        plain = {name.rpartition(".")[2] for name in info.decorators()} <= _METHODS | {"property"}
        if not plain or info.is_async or not _comes_to_return(info.node.body):
            return []
        runs = {id(fact.node): fact for fact in self._state.facts[info.key] if _runs(fact)}
        found: list[Fact] = []
        for node in _given(info):
            if node is None:
                return []
            fact = runs.get(id(node))
            if fact is None:
                if self.is_null(info, node):
                    continue
                return []
            known = all(c in generators or c in self.handed for c in fact.callees)
            if not known or id(node) in self._mixed or fact.blocker is not None:
                return []
            found.append(fact)
        return found

    def _has_null(self, info: FunctionInfo) -> bool:
        return any(node is not None and self.is_null(info, node) for node in _given(info))

    def is_null(self, info: FunctionInfo, node: ast.expr) -> bool:
        """Whether it is a `nullcontext()`, which `async with` takes as well."""
        if not isinstance(node, ast.Call):
            return False
        found = self._state.project.resolve(info.module, node.func)
        return isinstance(found, ExternalName) and found.dotted == _NULL


def _runs(fact: Fact) -> bool:
    """Whether a function runs there, and nothing is done to what it gives."""
    return fact.kind in ("call", "property") and fact.name not in ON_THE_RESULT


def _names(facts: Collection[Fact], key: str) -> bool:
    return any(key in fact.callees for fact in facts)


def _given(info: FunctionInfo) -> Iterator[ast.expr | None]:
    """Each expression that may be what a function returns; None for nothing."""
    for node in own_nodes(info.node):
        if isinstance(node, ast.Return):
            yield from [None] if node.value is None else chosen_from(node.value)


def _comes_to_return(body: list[ast.stmt]) -> bool:
    """Whether a block ends by a `return` or an error, whichever way it goes."""
    match body[-1:]:
        case [ast.Return() | ast.Raise()]:
            return True
        case [ast.If(body=then, orelse=otherwise)]:
            return _comes_to_return(then) and _comes_to_return(otherwise)
    return False
