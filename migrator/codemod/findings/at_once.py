"""Coroutines of the legacy code that run at once: they share the request's session.

Sync queries let nobody else go on. Awaited ones do, in the middle of what was one step
(https://docs.sqlalchemy.org/en/21/orm/session_basics.html#is-the-session-thread-safe-is-asyncsession-safe-to-share-in-concurrent-tasks).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import FunctionInfo, Resolved
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes

_FUNCTIONS = frozenset(
    f"asyncio.{name}" for name in ("as_completed", "create_task", "ensure_future", "gather", "wait")
)
#: Methods of task groups, of asyncio's and of anyio's, and of loops.
_METHODS = frozenset({"create_task", "start_soon"})


def at_once(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each place that begins coroutines which ask the database beside each other."""
    project = conversion.project
    for info in project.functions.values():
        says = info.module.source.says
        if not (says("asyncio") or says("anyio")) or is_test(info.module):
            continue
        begun = _begun(conversion, info)
        if begun:
            scopes = project.derived(Scopes, info.module)
            calls = (n for n in walk(info.node) if isinstance(n, ast.Call))
            place = next((n for n in calls if _begins(scopes, n)), None)
            if place is not None:
                yield finding_at(
                    info.module,
                    place,
                    "MIG125",
                    f"{begun} asks the database, beside other coroutines of the same request: these share one "
                    "session, and go on while it waits for a query.",
                    hint="Await them one after the other, or give each a session of its own: "
                    "`async with db.scope():`.",
                )


def _begun(conversion: Conversion, info: FunctionInfo) -> str:
    """The name of a coroutine function that asks the database, and is named without an await."""
    io = conversion.decisions.reaching.io
    awaited = {id(n.value) for n in walk(info.node) if isinstance(n, ast.Await)}
    called = {id(n.func) for n in walk(info.node) if isinstance(n, ast.Call) and id(n) in awaited}
    for node in walk(info.node):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in called:
            found = _meant(conversion.project, info, node)
            if found is not None and found.is_async and found.key in io and found is not info:
                return found.node.name
    return ""


def _meant(
    project: Project, info: FunctionInfo, node: ast.Name | ast.Attribute
) -> FunctionInfo | None:
    """The function that a name means here; of attributes, those of modules and of `self`."""
    found: Resolved = info.around(node)
    if isinstance(node, ast.Name) and node.id in info.locals:
        found = info.locals[node.id][0]
    if found is None and info.owner is not None:
        match node:
            case ast.Attribute(value=ast.Name("self" | "cls"), attr=name):
                found = project.method(info.owner, name)
    found = found or project.resolve(info.module, node)
    return found if isinstance(found, FunctionInfo) else None


def _begins(scopes: Scopes, node: ast.Call) -> bool:
    method = isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS
    return method or scopes.external(node.func) in _FUNCTIONS


__all__ = ["at_once"]
