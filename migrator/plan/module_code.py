"""Code at a module's top level, which stays sync: what of it works unchanged.

An application context that the module enters opens a sync session where nothing can be awaited. A
lambda runs later; whoever calls it then, it is plain code of nobody's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from migrator.index.definitions import Module

_CONTEXTS = frozenset({"app_context", "test_request_context"})


def in_context(module: Module) -> Callable[[ast.AST], bool]:
    """Says of the module's code whether it runs in a context that the module itself enters."""
    spans: list[tuple[int, int]] = []
    names: set[str] = set()
    tree = module.source.tree
    assert tree is not None
    for node in module.nodes if any(module.source.says(word) for word in _CONTEXTS) else ():
        if isinstance(node, ast.With) and any(_is_context(i.context_expr) for i in node.items):
            spans.append((node.body[0].lineno, node.end_lineno or node.lineno))
        elif isinstance(node, ast.Assign) and _is_context(node.value):
            names.update(t.id for t in node.targets if isinstance(t, ast.Name))
    for statement in tree.body:
        if isinstance(statement, ast.Expr) and _is_push(statement.value, names):
            # To the end of the module: what is popped before then raises when it is used.
            spans.append((statement.lineno, tree.body[-1].end_lineno or statement.lineno))

    def inside(node: ast.AST) -> bool:
        line = getattr(node, "lineno", 0)
        return any(first <= line <= last for first, last in spans)

    return inside


def _is_context(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _CONTEXTS
    )


def _is_push(node: ast.expr, names: set[str]) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    return node.func.attr == "push" and (
        _is_context(owner) or (isinstance(owner, ast.Name) and owner.id in names)
    )
