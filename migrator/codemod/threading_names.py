"""Locks, queues and data of threads: converted code has those that work for requests on one thread.

A name is taken for Python's where an import of the module says so; one that the module binds to something
else as well stays.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.queries.step import Action

THREADS = "migrator.runtime.threads"
#: Names of the modules of Python's that have a counterpart.
COUNTERPARTS = {
    "threading": frozenset(
        {
            "Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "Semaphore",
            "get_ident", "local",
        }
    ),
    "queue": frozenset({"LifoQueue", "PriorityQueue", "Queue", "SimpleQueue"}),
}  # fmt: skip


def threading_edits(
    project: Project, skipped: Container[str]
) -> Iterator[tuple[str, ast.AST, Action]]:
    """(module, node, action) for every such name; modules in `skipped` have none."""
    for module in project.modules.values():
        text = module.source.text
        if module.name in skipped or not any(home in text for home in COUNTERPARTS):
            continue
        for statement in module.of(ast.ImportFrom):
            names = COUNTERPARTS.get(statement.module or "") if not statement.level else None
            if names and (action := _moved(statement, names)) is not None:
                yield module.name, statement, action
        aliases = _aliases(module)
        for node in module.of(ast.Attribute):
            match node:
                case ast.Attribute(value=ast.Name(id=local), attr=name) if name in (
                    COUNTERPARTS.get(aliases.get(local, ""), ())
                ):
                    yield module.name, node, Action("use_name", {"module": THREADS, "name": name})


def _moved(statement: ast.ImportFrom, names: frozenset[str]) -> Action | None:
    groups: dict[str, list[tuple[str, str]]] = {}
    kept: list[tuple[str, str]] = []
    for alias in statement.names:
        pair = (alias.name, alias.asname or "")
        (groups.setdefault(THREADS, []) if alias.name in names else kept).append(pair)
    return Action("move_import", {"groups": groups, "kept": kept}) if groups else None


def _aliases(module: Module) -> dict[str, str]:
    """What the module calls the modules of Python's, and nothing else."""
    found = {
        alias.asname or alias.name: alias.name
        for statement in module.of(ast.Import)
        for alias in statement.names
        if alias.name in COUNTERPARTS
    }
    if not found:
        return found
    bound = {n.id for n in module.of(ast.Name) if not isinstance(n.ctx, ast.Load)}
    bound.update(n.arg for n in module.of(ast.arg))
    return {local: name for local, name in found.items() if local not in bound}
