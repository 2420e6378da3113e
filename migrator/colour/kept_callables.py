"""Callables that objects are given by a name: `Dependencies(find=lambda key: ...)`, `self.find = find_item`.

Whoever calls `found.find(key)` on an object of unknown type may call them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from migrator.index.definitions import FunctionInfo, Module
from migrator.types.state import State


def kept_callables(state: State) -> Mapping[str, tuple[frozenset[int], frozenset[str]]]:
    """By name, the ids of the lambdas and the keys of the functions that are kept so."""
    lambdas: dict[str, set[int]] = defaultdict(set)
    functions: dict[str, set[str]] = defaultdict(set)
    for module in state.project.modules.values():
        for name, value in _given(module):
            if isinstance(value, ast.Lambda):
                lambdas[name].add(id(value))
            elif isinstance(value, ast.Name | ast.Attribute):
                found = state.project.resolve(module, value)
                if isinstance(found, FunctionInfo) and found.key in state.taken:
                    functions[name].add(found.key)
    return {
        name: (frozenset(lambdas[name]), frozenset(functions[name]))
        for name in {*lambdas, *functions}
    }


def may_run(
    kept: tuple[Collection[int], Collection[str]], lambdas: Collection[int], io: Collection[str]
) -> bool:
    """Whether one of these reaches the database: the lambdas and the functions that do are given."""
    return any(i in lambdas for i in kept[0]) or any(key in io for key in kept[1])


def _given(module: Module) -> Iterator[tuple[str, ast.expr]]:
    """Each name that a value is given to an object by, or may be: a keyword, an attribute."""
    for keyword in module.of(ast.keyword):
        if keyword.arg is not None:
            yield keyword.arg, keyword.value
    for assign in module.of(ast.Assign):
        for target in assign.targets:
            if isinstance(target, ast.Attribute):
                yield target.attr, assign.value
