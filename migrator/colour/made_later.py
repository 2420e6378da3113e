"""Functions that a call of their name doesn't run: a decorator has made another decorator of them.

`@permissions def owner(args, kwargs, model): ...` and `@owner(Order) def show(): ...`: what runs when
`show` is defined is the function that `permissions` gives, which defines another one and returns it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from migrator.index.definitions import ExternalName, FunctionInfo
from migrator.types.escapes import functions_in
from migrator.types.state import State

#: Decorators of other distributions by which a function becomes a decorator, or what makes one.
_MAKERS = frozenset(
    {
        "decorator.decorator",
        "funcy.decorator",
        "funcy.decorators.decorator",
        "wrapt.decorator",
        "wrapt.decorators.decorator",
    }
)


def is_made_later(state: State, io: Collection[str], key: str) -> bool:
    """Whether a call of the function's name runs something that is not in `io`, and defines functions."""
    info = state.function(key)
    for decorator in info.node.decorator_list if info is not None else ():
        assert info is not None
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = info.around(called) or state.project.resolve(info.module, called)
        if isinstance(found, ExternalName) and found.dotted in _MAKERS:
            return True
        if isinstance(found, FunctionInfo):
            put = _given_by(state, [found.key], 1 if called is decorator else 2)
            if any(k in io or k == key for k in put):
                return False
            if _given_by(state, put, 1):
                return True
    return False


def _given_by(state: State, keys: list[str], calls: int) -> list[str]:
    """The functions that so many calls of these give, each of the one before."""
    for _ in range(calls):
        keys = [f.key for key in keys for f in functions_in(state.returns.get(key))]
    return keys
