"""Code in which nothing is written, flushed, expired or detached, whatever it calls.

Between a query and an access in such code, a lazy load shows what the query could have loaded at
once: no row that it reads changes, and no flush happens at either place that the other lacks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from migrator.eager.mutations import Mutations
from migrator.eager.together import Together
from migrator.index.walk import walk
from migrator.queries.types import DictOf, ListOf, TupleOf
from migrator.types.facts import Fact
from migrator.types.lattice import options
from migrator.types.state import State
from migrator.types.telling import TELLING

#: Methods that end a transaction, write what waits, or part objects from what they were loaded by.
_LOUD = frozenset(
    {"commit", "rollback", "flush", "begin", "begin_nested", "expire", "expire_all", "refresh",
     "expunge", "expunge_all", "close", "close_all", "remove", "reset", "invalidate", "merge",
     "make_transient", "make_transient_to_detached", "no_autoflush", "autoflush",
     # Signals and tasks call what is not named here.
     "send", "send_async", "delay", "apply_async"}
)  # fmt: skip
_ADDING = frozenset({"add", "add_all"})
#: Special methods that reading a value may run.
_IMPLICIT = frozenset(
    {"__getattr__", "__getattribute__", "__getitem__", "__iter__", "__next__", "__len__",
     "__bool__", "__contains__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__",
     "__hash__", "__str__", "__repr__", "__format__", "__html__"}
)  # fmt: skip


class Quiet:
    """Answers by function and by part of one."""

    def __init__(self, state: State, together: Together, mutations: Mutations) -> None:
        self._state = state
        self._together = together
        self._mutations = mutations
        #: By function and the id of a part of it; 0 stands for all of it.
        self._own: dict[tuple[str, int], bool] = {}
        self._whole: dict[str, bool] = {}
        self._parts: dict[int, list[ast.AST]] = {}
        self._implicit: bool | None = None
        self._loaders = {key for key, kind in state.entries.items() if kind == "loader"}

    def function(self, key: str) -> bool:
        """Whether a call of the function is quiet."""
        known = self._whole.get(key)
        if known is None:
            known = self._whole[key] = self._below({key})
        return known

    def part(self, key: str, nodes: Iterable[ast.AST]) -> bool:
        """Whether these parts of the function's code are quiet when they run."""
        if self.function(key):
            return True
        found: set[str] = set()
        inside: set[int] = set()
        for node in nodes:
            if not self._is_quiet(key, node):
                return False
            inside.update(map(id, self._nodes(node)))
        for fact in self._state.facts.get(key, ()):
            if id(fact.node) in inside:
                if _hands_over(fact):
                    return False
                found |= self._called_at(fact.kind, self._together.called_at(fact))
        return self._below(found)

    def _below(self, keys: set[str]) -> bool:
        if not self._quiet_by_nature():
            return False
        seen: set[str] = set()
        waiting = [*keys]
        while waiting:
            key = waiting.pop()
            if key in seen or self._whole.get(key):
                continue
            seen.add(key)
            if self._whole.get(key) is False or key not in self._state.project.functions:
                return False
            if not self._is_quiet(key):
                return False
            waiting.extend(self._together.called(key))
            for fact in self._state.facts.get(key, ()):
                if _hands_over(fact):
                    return False
                waiting.extend(self._called_at(fact.kind, set()))
        self._whole.update(dict.fromkeys(seen, True))
        return True

    def _called_at(self, kind: str, found: set[str]) -> set[str]:
        if kind == "template":
            return found | self._together.rendering
        return found | self._loaders if kind == "user" else found

    def _is_quiet(self, key: str, part: ast.AST | None = None) -> bool:
        """A function's own code, or a part of it."""
        place = (key, id(part) if part is not None else 0)
        known = self._own.get(place)
        if known is None:
            whole = self._state.project.functions[key].nodes
            nodes = whole if part is None else self._nodes(part)
            known = self._own[place] = not self._loud(key, nodes)
        return known

    def _nodes(self, part: ast.AST) -> Sequence[ast.AST]:
        """A part of a function's code, and every node below."""
        known = self._parts.get(id(part))
        if known is None:
            known = self._parts[id(part)] = walk(part)
        return known

    def _quiet_by_nature(self) -> bool:
        """Whether no special method that may run anywhere writes."""
        if self._implicit is None:
            self._implicit = True
            functions = self._state.project.functions
            special = {key for key, info in functions.items() if info.name in _IMPLICIT}
            self._implicit = self._below(special)
        return self._implicit

    def _loud(self, key: str, nodes: Sequence[ast.AST]) -> bool:
        for inner in nodes:
            if isinstance(inner, ast.Name):
                name = inner.id
            elif isinstance(inner, ast.Attribute):
                name = inner.attr
            else:
                continue
            if name in TELLING or name in _LOUD:
                return True
            if name in _ADDING and isinstance(inner, ast.Attribute) and self._adds(key, inner):
                return True
        written = self._mutations.in_part(key, nodes)
        return bool(written.models or written.anything)

    def _adds(self, key: str, node: ast.Attribute) -> bool:
        """Whether it may be a session's; a set in a variable is none."""
        facts = self._state.facts.get(key)
        if facts is None or not isinstance(node.value, ast.Name):
            return True
        found = options(facts.environment.get(node.value.id))
        return not found or not all(isinstance(o, ListOf | DictOf | TupleOf) for o in found)


def _hands_over(fact: Fact) -> bool:
    """Whether code that can't be seen gets an object, and may write to it."""
    return fact.kind == "external" and fact.name == "instance"
