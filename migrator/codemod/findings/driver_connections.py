"""The driver's connection under a session: on the converted side it is another driver's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import FunctionInfo, Module
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.surface.application import is_test


def driver_connections(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each `session.connection().connection`, by its variable too."""
    project = conversion.project
    for module in project.modules.values():
        if module.source.says(".connection(") and not is_test(module):
            for node in _inside(project, module):
                yield finding_at(
                    module,
                    node,
                    "MIG116",
                    "This is the connection of the driver, which is another one on the converted side: "
                    "asyncpg has no copy_expert() and no named cursors, aiosqlite no create_collation().",
                    hint="Use session.execute(text(...)), or db.engine.raw_connection(), which has the "
                    "driver of before and a transaction of its own.",
                )


def _inside(project: Project, module: Module) -> Iterator[ast.Attribute]:
    named = {id(n) for f in project.functions.values() if f.module is module for n in _by_name(f)}
    for node in module.of(ast.Attribute):
        if node.attr == "connection" and (_is_connection(node.value) or id(node) in named):
            yield node


def _by_name(function: FunctionInfo) -> Iterator[ast.Attribute]:
    """`c.connection` where the function says `c = session.connection()`."""
    nodes = list(walk(function.node))
    names = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _is_connection(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes if names else ():
        match node:
            case ast.Attribute(value=ast.Name(id=name)) if name in names:
                yield node


def _is_connection(node: ast.expr) -> bool:
    """`session.connection()`, with whichever arguments."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "connection"
    )
