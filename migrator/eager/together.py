"""What may run together: an upper bound of the calls below and above a function.

Typed calls go where they go. A method of a receiver of unknown type may be any method of that name,
an unknown callable any function that is used as a value. What the framework or a listener calls may
always run.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cached_property

from migrator.index.definitions import FunctionInfo
from migrator.index.names import is_special
from migrator.index.walk import names_of, walk
from migrator.types.externals import runs_callback
from migrator.types.facts import Fact
from migrator.types.state import State

#: Decorators that leave to the code at hand when the function is called.
_PLAIN = frozenset(
    {"property", "staticmethod", "classmethod", "setter", "getter", "deleter", "wraps", "expression",
     "contextmanager", "abstractmethod", "cached_property", "lru_cache", "cache", "hybrid_property",
     "hybrid_method", "declared_attr", "overload", "override", "comparator", "validates"}
)  # fmt: skip

#: What stands in a key between a function and one that it defines.
_INNER = ".<locals>."


class Together:
    """The calls of a project, in both directions."""

    def __init__(self, state: State, wrapped_by: Mapping[str, tuple[str, ...]]) -> None:
        self._state = state
        #: The inner functions of decorators: each stands for the one function that it wraps.
        self._wrapped_by = wrapped_by
        self._functions = state.project.functions
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for key, info in self._functions.items():
            self._by_name[info.name].add(key)
        self._called: dict[str, set[str]] = {}
        self._above: dict[str, frozenset[str]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._given: dict[str, dict[str, list[ast.Assign]]] = {}

    def names(self, key: str) -> frozenset[str]:
        """Every name and attribute in the code of a function."""
        if key not in self._names:
            self._names[key] = frozenset(names_of(self.node(key)))
        return self._names[key]

    def given(self, key: str, name: str) -> Sequence[ast.Assign]:
        """The assignments of a function to one of its variables."""
        if key not in self._given:
            found: dict[str, list[ast.Assign]] = {}
            for node in walk(self.node(key)):
                if not isinstance(node, ast.Assign):
                    continue
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).append(node)
            self._given[key] = found
        return self._given[key].get(name, ())

    def node(self, key: str) -> ast.AST:
        """The code of a function."""
        return self._functions[key].node

    def called(self, key: str) -> set[str]:
        """The functions that `key` may call itself."""
        known = self._called.get(key)
        if known is not None:
            return known
        found: set[str] = set()
        if isinstance(self.node(key), ast.AsyncFunctionDef):
            # Asynchronous already, and not followed: whatever has a name that it mentions.
            for name in self.names(key):
                found |= self._by_name.get(name, set())
        for fact in self._state.facts.get(key, ()):
            found |= self.called_at(fact)
        found = (found - self._wraps.get(key, set())) | set(self._wrapped_by.get(key, ()))
        found &= self._functions.keys()
        self._called[key] = found
        return found

    @cached_property
    def _wraps(self) -> dict[str, set[str]]:
        """By wrapper, and by each function around it: the functions that it stands for."""
        found: dict[str, set[str]] = defaultdict(set)
        for key, wrappers in self._wrapped_by.items():
            for wrapper in wrappers:
                parts = wrapper.split(_INNER)
                for count in range(1, len(parts) + 1):
                    found[_INNER.join(parts[:count])].add(key)
        return found

    def called_at(self, fact: Fact) -> set[str]:
        """The functions that may be called where `fact` was found."""
        found = set(fact.callees)
        if fact.kind == "template":
            found |= self._of_templates
        elif fact.kind == "unresolved" and fact.name == "()":
            found |= self._values
        elif fact.kind == "unresolved":
            name = fact.name or getattr(fact.node, "attr", "")
            found |= self._by_name.get(name, set())
        return found

    @cached_property
    def _of_templates(self) -> set[str]:
        return {
            key
            for name in self._state.templates.words.members
            for key in self._by_name.get(name, ())
            if self._functions[key].owner is not None
        }

    @cached_property
    def rendering(self) -> set[str]:
        """What may run while a template is rendered, its methods and what it is handed apart."""
        entries = self._state.entries
        globals_ = {
            k for name in self._state.templates.words.names for k in self._by_name.get(name, ())
        }
        kinds = ("context_processor", "template_helper", "loader", "url_processor")
        return {k for k, kind in entries.items() if kind in kinds} | (globals_ & self._values)

    def below(self, keys: Set[str]) -> set[str]:
        """Everything that may run when `keys` do, themselves included."""
        if not self.registered <= keys:
            return _closure(keys, self.called)
        # Most of what many of them have in common: the hooks, and all that these may run.
        return _closure(keys, self.called, self._below_registered)

    @cached_property
    def _below_registered(self) -> set[str]:
        return _closure(self.registered, self.called)

    def above(self, key: str) -> frozenset[str]:
        """Everything in which `key` may run, itself included."""
        if key not in self._above:
            found = _closure({key}, lambda k: self._calling.get(k, set()))
            self._above[key] = frozenset(found)
        return self._above[key]

    def callers(self, key: str) -> set[str]:
        """The functions that may call `key` themselves."""
        return self._calling.get(key, set())

    @cached_property
    def _calling(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for key in self._functions:  # a module's own code runs when it is imported
            for callee in self.called(key):
                found[callee].add(key)
        return found

    @cached_property
    def _values(self) -> set[str]:
        """Functions that are kept somewhere or handed on: an unknown callable may be one of them."""
        entries = self._state.entries
        return {k for k in self._state.taken if entries.get(k) not in ("view", "command", "shell")}

    @cached_property
    def registered(self) -> set[str]:
        """What others than the code at hand may call: hooks, listeners, special methods."""
        entries = self._state.entries
        found = {k for k, kind in entries.items() if kind not in ("view", "command", "shell")}
        for facts in self._state.facts.values():
            for fact in facts:
                if fact.kind == "reference" and _handed_out(fact):
                    found |= self._values.intersection(fact.callees)
        for key, info in self._functions.items():
            if key not in entries and (
                (is_special(info.name) and info.name != "__init__") or self._handed_on(info)
            ):
                found.add(key)
        return found

    def _handed_on(self, info: FunctionInfo) -> bool:
        """Whether a decorator of another distribution gets it; one of ours is followed."""
        for decorator in info.node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            found = info.around(called) or self._state.project.resolve(info.module, called)
            last = getattr(called, "attr", getattr(called, "id", ""))
            if last not in _PLAIN and not isinstance(found, FunctionInfo):
                return True
        return False

    @cached_property
    def everything(self) -> frozenset[str]:
        return frozenset(self._functions)


def _handed_out(fact: Fact) -> bool:
    """Whether a function leaves our sight; what a container of ours holds, an unknown call finds."""
    return not (runs_callback(fact.name) or isinstance(fact.node, ast.Subscript))


def _closure(
    keys: Set[str], step: Callable[[str], set[str]], known: Iterable[str] = ()
) -> set[str]:
    """All that is reached from `keys`; what is `known` to be, with all that it reaches, is not asked."""
    found = set(known)
    waiting = [*keys]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(step(key))
    return found
