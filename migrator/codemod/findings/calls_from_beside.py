"""What files beside the folder get from it: a coroutine where they had a result, a select where they had a query."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.colour.exchange import bilingual
from migrator.index.definitions import FunctionInfo, Module, dotted, last_name
from migrator.index.walk import walk
from migrator.surface.scopes import Scopes
from migrator.types.lattice import holds_query

_COROUTINE = "a coroutine"
_STREAM = "an asynchronous iterator or context manager"
_SELECT = "a select, no query"
#: What is to be done about what is given.
_DO = {
    _COROUTINE: "Write `unbridge(f())`, from migrator.runtime.db, or `await f()` in async code.",
    _STREAM: "Write `unbridge_iter(f())` or `unbridge_with(f())`, from migrator.runtime.db.",
    _SELECT: "Run it on the session: `db.session.scalars(f()).unique().all()`.",
}
#: Click's decorators give an object, which is called as before: `app.cli.add_command(clean)`.
_COMMANDS = frozenset({"command", "group"})
#: Calls of these take a coroutine, or the function that makes it: somebody has seen to it already.
_TAKING = ("migrator.runtime.", "asyncio.", "anyio.", "asgiref.")


def calls_from_beside(conversion: Conversion, beside: Sequence[Module]) -> Iterator[Finding]:
    """A finding for each use of a function that is called otherwise now; a note while both packages are there."""
    note = conversion.package not in {"", conversion.project.package}
    for module in beside:
        scopes = Scopes(conversion.project, module)
        seen_to = _seen_to(module, scopes)
        for node in module.of(ast.expr):
            function = _function(scopes, node) if id(node) not in seen_to else None
            gives = _gives(conversion, function) if function is not None else ""
            if function is None or not gives:
                continue
            name = function.qualname
            yield finding_at(
                module,
                node,
                "MIG130",
                f"`{name}` is the legacy one here. In {conversion.package} it gives {gives}."
                if note
                else f"`{name}` gives {gives} now, and this file is not converted.",
                hint=f"{_DO[gives]} Or convert the folder that holds both.",
                severity="info" if note else "error",
            )


def _function(scopes: Scopes, node: ast.expr) -> FunctionInfo | None:
    if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return None
    found = scopes.resolve(node)
    if not isinstance(found, FunctionInfo) or _is_command(found) or _is_bound(scopes, node):
        return None
    return found


def _is_command(function: FunctionInfo) -> bool:
    return any(
        isinstance(decorator, ast.Call) and last_name(decorator.func) in _COMMANDS
        for decorator in function.node.decorator_list
    )


def _is_bound(scopes: Scopes, node: ast.expr) -> bool:
    """Whether what a chain begins with is a parameter or a variable of a function around it."""
    first = dotted(node).partition(".")[0]
    key = scopes.functions.get(id(node))
    inner = next((f for f in scopes.module.functions if f.key == key), None)
    while inner is not None:
        if first in inner.bound_names():
            return True
        inner = inner.parent
    return False


def _seen_to(module: Module, scopes: Scopes) -> set[int]:
    """Ids of the expressions that are awaited or handed to what awaits, and of names before a dot."""
    found: set[int] = set()
    for node in module.nodes:
        match node:
            case ast.Attribute(value=value):
                # What hangs on a function is not what it gives: `clean.delay()`.
                found.add(id(value))
            case ast.Await(value=value):
                found.update(map(id, walk(value)))
            case ast.Call(func=called) if scopes.external(called).startswith(_TAKING):
                found.update(map(id, walk(node)))
            case ast.AsyncFor(iter=value):
                found.update(map(id, walk(value)))
    return found


def _gives(conversion: Conversion, function: FunctionInfo) -> str:
    """What a function gives that the legacy one doesn't; "" for nothing else."""
    key, module = function.key, function.module.name
    decision = conversion.decisions.get(key)
    if decision is None or module in conversion.failed | conversion.apart | conversion.converted:
        return ""
    if decision.streams:
        return _STREAM
    if decision.awaited and not function.is_async:
        return _COROUTINE
    gives_query = holds_query(conversion.state.returns.get(key))
    kept = decision.keeps_queries or decision.kept or decision.mode == "left"
    return _SELECT if gives_query and not kept and not bilingual(conversion.state, key) else ""
