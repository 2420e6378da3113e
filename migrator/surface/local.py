"""What names mean inside a function: those that it binds itself, and those that it imports."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.index.definitions import ExternalName, FunctionInfo, Import, Resolved
from migrator.index.project import Project


def resolve_import(project: Project, binding: Import) -> Resolved:
    """What an import inside a function binds."""
    module = project.find_module(binding.module)
    if module is None:
        child = project.find_module(f"{binding.module}.{binding.name}")
        if child is not None:
            return child
        return ExternalName(f"{binding.module}.{binding.name}" if binding.name else binding.module)
    return project.lookup(module, binding.name) if binding.name else module


def local_imports(function: FunctionInfo, nodes: Sequence[ast.AST]) -> dict[str, Import]:
    """The names that imports inside a function, given with all its nodes, bind."""
    found: dict[str, Import] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            module = function.module.absolute(node.module, node.level)
            for alias in node.names:
                found[alias.asname or alias.name] = Import(module, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = Import(alias.name if alias.asname else name)
    return found


def local_names(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that a function, given by all its nodes, binds by parameters and assignments."""
    bound: set[str] = set()
    outer: set[str] = set()
    for node in nodes:
        kind = type(node)
        if kind is ast.Name:
            assert isinstance(node, ast.Name)
            if type(node.ctx) is ast.Store:
                bound.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Global):
            outer.update(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return bound - outer
