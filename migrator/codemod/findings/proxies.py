"""A proxy whose function reaches the database: each use of the proxy runs it, where nothing is awaited.

https://werkzeug.palletsprojects.com/en/stable/local/#werkzeug.local.LocalProxy
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import FunctionInfo, Module
from migrator.index.walk import walk
from migrator.index.written import label
from migrator.surface.application import is_test
from migrator.types.foreign import LOCAL_PROXY


def loading_proxies(conversion: Conversion) -> Iterator[Finding]:
    """A note for each `LocalProxy(function)` of a function, or a lambda, that reaches the database."""
    project = conversion.project
    for module in project.modules.values():
        if not module.source.says("LocalProxy") or is_test(module):
            continue
        for node in module.of(ast.Call):
            if not node.args or project.external(module, node.func) != LOCAL_PROXY:
                continue
            given = node.args[0]
            if _loads(conversion, module, given):
                runs = label(given.body if isinstance(given, ast.Lambda) else given)
                yield finding_at(
                    module,
                    node,
                    "MIG129",
                    f"Each use of this proxy runs {runs}, which reaches the database. In a request "
                    "that is waited for; in a task, a thread or a script, native code that uses it raises.",
                    hint="Call the function there, and use what it gives.",
                    severity="info",
                )


def _loads(conversion: Conversion, module: Module, given: ast.expr) -> bool:
    """Whether a function does; or a lambda, by itself or by what it calls."""
    io = conversion.decisions.reaching.io
    if not isinstance(given, ast.Lambda):
        found = conversion.project.resolve(module, given)
        return isinstance(found, FunctionInfo) and found.key in io
    inner = {id(node) for node in walk(given.body)}
    return any(
        id(fact.node) in inner and (fact.io or not io.isdisjoint(fact.callees))
        for key, facts in conversion.state.facts.items()
        if key.partition(":")[0] == module.name
        for fact in facts
    )
