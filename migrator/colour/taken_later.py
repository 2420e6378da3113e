"""What a function gives its callers still to be taken: it loads later, wherever they take it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection

from migrator.index.definitions import FunctionInfo
from migrator.index.walk import names_of
from migrator.types.consumption import hands_on, passes_on
from migrator.types.facts import Fact
from migrator.types.generator_bodies import SCOPES
from migrator.types.state import State

_NONE: frozenset[str] = frozenset()


class TakenLater:
    """Generator expressions, generators and kept callbacks that leave the functions that make them."""

    def __init__(
        self,
        state: State,
        generators: Collection[str],
        parents_of: Callable[[str], dict[int, ast.AST]],
    ) -> None:
        self.state = state
        self._generators = generators
        self._parents_of = parents_of
        self._lazy = self._handed_on()

    def gives(
        self, key: str, does_io: Callable[[Fact], bool], seen: frozenset[str] = _NONE
    ) -> bool:
        """Whether what a function gives may load when it is iterated."""
        if key in self._generators:
            return True
        for fact in self._lazy.get(key, ()) if key not in seen else ():
            if does_io(fact) and (
                fact.kind != "call"
                or fact.blocker is not None
                or any(self.gives(c, does_io, seen | {key}) for c in fact.callees)
            ):
                return True
        return False

    def _handed_on(self) -> dict[str, list[Fact]]:
        """The facts by which functions give their callers something that loads later."""
        found: dict[str, list[Fact]] = defaultdict(list)
        calls: dict[str, list[tuple[str, Fact]]] = defaultdict(list)
        for key, facts in self.state.facts.items():
            for fact in facts:
                for callee in fact.callees if fact.kind == "call" else ():
                    calls[callee].append((key, fact))
                if self._later(key, fact):
                    found[key].append(fact)
        waiting = [*self._generators, *found]
        while waiting:
            for key, fact in calls[waiting.pop()]:
                if fact not in found.get(key, ()) and self._leaves(key, fact.node):
                    found[key].append(fact)
                    waiting.append(key)
        return found

    def _later(self, key: str, fact: Fact) -> bool:
        """Whether it happens when something is taken that the function may have given away."""
        match fact.blocker:
            case ast.GeneratorExp() as blocker:
                return self._leaves(key, blocker)
            case ast.Lambda() as blocker:
                runner = self._parents_of(key).get(id(blocker))
                return passes_on(runner) and self._leaves(key, blocker)
        return fact.name == "kept callback" and self._leaves(key, fact.node)

    def _leaves(self, key: str, node: ast.AST) -> bool:
        """Whether what an expression of a function gives may leave the function."""

        info = self.state.function(key)
        parents = self._parents_of(key)
        seen: set[str] = set()

        def kept(name: str) -> bool:
            if info is None:
                return True
            if name in seen:
                return False
            seen.add(name)
            if name in info.shared_names() or outlives(name, info):
                return True
            return any(
                hands_on(use, parents, kept, ours)
                for use in info.nodes
                if isinstance(use, ast.Name) and use.id == name and isinstance(use.ctx, ast.Load)
            )

        def ours(call: ast.Call) -> bool:
            return any(f.kind == "call" and f.node is call for f in self.state.facts[key])

        return hands_on(node, parents, kept, ours)


def outlives(name: str, info: FunctionInfo) -> bool:
    """Whether a variable of a function is a module's, or is used in a function inside it."""
    for node in info.nodes:
        if isinstance(node, ast.Global) and name in node.names:
            return True
        if isinstance(node, SCOPES) and node is not info.node and name in names_of(node):
            return True
    return False
