"""Key functions that can be written out: `sorted(xs, key=lambda x: ...)` computes all keys first."""

from __future__ import annotations

import ast

from migrator.index.definitions import Module
from migrator.index.signature import positional
from migrator.index.walk import walk
from migrator.queries.types import External
from migrator.types.consumption import passes_on
from migrator.types.lattice import Value

_CHOOSING = frozenset({"builtins.sorted", "builtins.min", "builtins.max"})
#: What would mean something else, or can't stand, in a comprehension.
_BOUND = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.Lambda)


def is_plain_key(call: ast.Call, key: ast.Lambda, callee: Value, module: Module) -> bool:
    """Whether a call of `sorted`, `min` or `max` may get pairs of keys and items instead of `key`.

    Its items must be there already: were they made one by one, that would go on between the keys.
    """
    if not isinstance(callee, External) or callee.dotted not in _CHOOSING:
        return False
    if len(call.args) != 1 or isinstance(call.args[0], ast.Starred | ast.GeneratorExp):
        return False
    if passes_on(call.args[0]) or _is_commented(call, module):
        return False
    for keyword in call.keywords:
        if keyword.arg == "key":
            if keyword.value is not key:
                return False
        elif keyword.arg not in ("reverse", "default") or not isinstance(
            keyword.value, ast.Constant | ast.Name
        ):
            return False
    arguments = key.args
    several = arguments.vararg, arguments.kwarg, *arguments.kwonlyargs, *arguments.defaults
    if any(several) or len(positional(arguments)) != 1:
        return False
    return not any(isinstance(node, _BOUND) or _is_super(node) for node in walk(key.body))


def _is_super(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "super"


def _is_commented(call: ast.Call, module: Module) -> bool:
    """Whether there may be comments between its arguments, which would be lost."""
    lines = module.source.text.splitlines()[call.lineno - 1 : call.end_lineno]
    return len(lines) > 1 and any("#" in line for line in lines)
