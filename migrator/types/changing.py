"""Wrappers that make something else of what the function below gives: `return jsonify(fn(*args))`."""

from __future__ import annotations

import ast
from functools import lru_cache

from migrator.index.definitions import FunctionInfo
from migrator.index.signature import parameters
from migrator.index.walk import walk
from migrator.surface.decorators import own_nodes, returned


def changes_result(wrapper: FunctionInfo) -> bool:
    """Whether what a decorator's inner function returns is made of the decorated one's result."""
    around = wrapper.parent
    names: frozenset[str] = frozenset()
    while around is not None:
        names |= {a.arg for a in parameters(around.node.args)}
        around = around.parent
    return _changes(wrapper.node, names)


@lru_cache(maxsize=1024)
def _changes(node: ast.FunctionDef | ast.AsyncFunctionDef, names: frozenset[str]) -> bool:
    def gives(value: ast.AST) -> bool:
        """Whether it is a call of the decorated function."""
        return isinstance(value, ast.Call) and any(
            isinstance(n, ast.Name) and n.id in names for n in walk(value.func)
        )

    results = {
        target.id
        for statement in own_nodes(node)
        if isinstance(statement, ast.Assign) and any(map(gives, walk(statement.value)))
        for target in statement.targets
        if isinstance(target, ast.Name)
    }

    def is_result(value: ast.AST) -> bool:
        return gives(value) or (isinstance(value, ast.Name) and value.id in results)

    made = [v for v in returned(node) if not is_result(v)]
    assigned = [
        s.value
        for s in own_nodes(node)
        if isinstance(s, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id in results for t in s.targets)
        and not is_result(s.value)
    ]
    return any(is_result(part) for value in (*made, *assigned) for part in walk(value))
