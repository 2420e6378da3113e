"""Locks, queues and data of threads: converted code has those that work for requests on one thread.

A name is taken for Python's where an import of the module says so; one that the module binds to something
else as well stays.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from migrator.index.definitions import Module, dotted
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
    "concurrent.futures": frozenset({"ThreadPoolExecutor", "as_completed", "wait"}),
}  # fmt: skip


def threading_edits(
    project: Project, skipped: Container[str]
) -> Iterator[tuple[str, ast.AST, Action]]:
    """(module, node, action) for every such name; modules in `skipped` have none."""
    for module in project.modules.values():
        text = module.source.text
        if module.name in skipped or not any(
            home.rpartition(".")[2] in text for home in COUNTERPARTS
        ):
            continue
        for statement in module.of(ast.ImportFrom):
            names = COUNTERPARTS.get(statement.module or "") if not statement.level else None
            if names and (action := _moved(statement, names)) is not None:
                yield module.name, statement, action
        aliases = _aliases(module)
        for node in module.of(ast.Attribute) if aliases else ():
            local, _, rest = dotted(node.value).partition(".")
            home = aliases.get(local, "")
            if node.attr in COUNTERPARTS.get(f"{home}.{rest}" if rest else home, ()):
                action = Action("use_name", {"module": THREADS, "name": node.attr})
                yield module.name, node, action


def _moved(statement: ast.ImportFrom, names: frozenset[str]) -> Action | None:
    groups: dict[str, list[tuple[str, str]]] = {}
    kept: list[tuple[str, str]] = []
    for alias in statement.names:
        pair = (alias.name, alias.asname or "")
        (groups.setdefault(THREADS, []) if alias.name in names else kept).append(pair)
    return Action("move_import", {"groups": groups, "kept": kept}) if groups else None


def _aliases(module: Module) -> dict[str, str]:
    """What the module calls the modules of Python's, and nothing else: local names, dotted names."""
    found: dict[str, str] = {}
    for statement in module.of(ast.Import):
        for alias in statement.names:
            if alias.name in COUNTERPARTS:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
    for whole in module.of(ast.ImportFrom):
        for alias in whole.names:
            if not whole.level and f"{whole.module}.{alias.name}" in COUNTERPARTS:
                found[alias.asname or alias.name] = f"{whole.module}.{alias.name}"
    if not found:
        return found
    bound = {n.id for n in module.of(ast.Name) if not isinstance(n.ctx, ast.Load)}
    bound.update(n.arg for n in module.of(ast.arg))
    return {local: name for local, name in found.items() if local not in bound}
