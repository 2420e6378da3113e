"""Calls of `super()`: what they ask for is defined above the class that they stand in."""

from __future__ import annotations

import ast

from migrator.index.definitions import FunctionInfo


def is_super(node: ast.expr) -> bool:
    """Whether it is `super()`, with arguments or without."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def asks_above(method: FunctionInfo) -> bool:
    """Whether a method asks what is above its class for the method of its own name."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == method.name and is_super(node.value)
        for node in method.nodes
    )
