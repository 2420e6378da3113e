"""Lambdas of a module: what is in one runs later than the code around it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from migrator.index.definitions import Module
from migrator.index.walk import walk


def in_lambda(module: Module) -> Callable[[ast.AST], bool]:
    """Says of a node whether it is part of a lambda."""
    parts = {id(inner) for node in module.of(ast.Lambda) for inner in walk(node.body)}
    return lambda node: id(node) in parts
