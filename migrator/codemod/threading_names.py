"""Locks, queues and data of threads: converted code has those that work for requests on one thread.

A name is taken for Python's where an import of the module says so, but in functions that bind it to
something else.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from migrator.index.definitions import FunctionInfo, Module, dotted
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.plan.waiting import THREADS
from migrator.queries.step import Action
from migrator.types.generator_bodies import own_nodes

#: Names of the modules of Python's that have a counterpart.
COUNTERPARTS = {
    "threading": frozenset(
        {
            "Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "Semaphore",
            "get_ident", "local",
        }
    ),
    "_thread": frozenset({"RLock", "get_ident"}),
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
        aliases, names = _aliases(module), _starred(module)
        if not aliases and not names:
            continue
        own = _own(module, {*aliases, *names})
        for node in module.of(ast.expr):
            if id(node) in own:
                continue
            match node:
                case ast.Attribute(value=value, attr=name):
                    local, _, rest = dotted(value).partition(".")
                    home = aliases.get(local, "")
                    found = name in COUNTERPARTS.get(f"{home}.{rest}" if rest else home, ())
                case ast.Name(id=name, ctx=ast.Load()):
                    found = name in names
                case _:
                    continue
            if found:
                yield module.name, node, Action("use_name", {"module": THREADS, "name": name})


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
    return found


def _starred(module: Module) -> frozenset[str]:
    """The names that `from threading import *` and its like give the module."""
    given = frozenset().union(*(COUNTERPARTS.get(home, ()) for home in module.stars))
    return given - module.bindings.keys()


def _own(module: Module, names: set[str]) -> set[int]:
    """Ids of the expressions that begin with one of the names where a function has its own of it."""
    found: set[int] = set()
    for function in module.functions:
        bound = names & _bound(function)
        found.update(
            id(node)
            for node in (function.nodes if bound else ())
            if isinstance(node, ast.Name | ast.Attribute)
            and dotted(node).partition(".")[0] in bound
        )
    return found


def _bound(function: FunctionInfo) -> set[str]:
    """What a function's parameters and assignments bind; an import of its own is one of the module's."""
    names: set[str] = set()
    for node in own_nodes(function.node):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.arguments():
                names.update(a.arg for a in walk(node) if isinstance(a, ast.arg))
    return names
