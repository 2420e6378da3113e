"""Functions that set an application up: they register its blueprints, before any request."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import FunctionInfo
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.surface.application import is_test, needs_arguments
from migrator.surface.decorators import own_nodes
from migrator.surface.model import ApplicationSite, Finding
from migrator.surface.registrations import REGISTERING


def setting_up(project: Project) -> tuple[FunctionInfo, ...]:
    """Every function or method that registers a blueprint itself."""
    return tuple(
        function
        for function in project.functions.values()
        if any(map(function.module.source.says, REGISTERING))
        and not is_test(function.module)
        and any(map(_registers, own_nodes(function.node)))
    )


def starters(project: Project, functions: tuple[FunctionInfo, ...]) -> Iterator[FunctionInfo]:
    """Those of them that a start script calls: without arguments, and no other of them does."""
    called = {
        id(project.resolve(function.module, node.func))
        for function in functions
        for node in walk(function.node)
        if isinstance(node, ast.Call)
    }
    for function in functions:
        alone = function.owner is None and function.parent is None
        if alone and id(function) not in called and not needs_arguments(function):
            yield function


def to_be_called(site: ApplicationSite, function: FunctionInfo) -> Finding:
    """That who takes the application from its site gets one without these blueprints."""
    name = f"{function.module.name}.{function.name}"
    hint = "Call it where the application is served (asgi.py), without what starts a server."
    if any(isinstance(n, ast.Return) and n.value is not None for n in own_nodes(function.node)):
        call = f"--app {function.module.name}:{function.name}"
        hint = f"If it returns the application, name it: {call}. If not: {hint}"
    return Finding(
        function.module.path,
        function.node.lineno,
        function.node.col_offset,
        "MIG418",
        f"{name} registers blueprints, and {site.module}:{site.attribute} does not call it.",
        function.qualname,
        hint=hint,
    )


def _registers(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in REGISTERING
    )
