"""Functions in whose place other code puts something: `services.total = counted`, `setattr(services, "total", ...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import FunctionInfo, Module
from migrator.index.project import Project
from migrator.surface.scopes import Scopes


def patched(project: Project) -> frozenset[str]:
    """Their keys: what is called by such a name may be another one."""
    return frozenset(
        key for module in project.modules.values() for key in _patched_by(project, module)
    )


def _patched_by(project: Project, module: Module) -> Iterator[str]:
    scopes = project.derived(Scopes, module)
    for target in module.of(ast.Attribute):
        if isinstance(target.ctx, ast.Store):
            yield from _function(scopes, target.value, target.attr)
    for call in module.of(ast.Call) if module.source.says("setattr") else ():
        match call:
            case ast.Call(
                func=ast.Name("setattr"), args=[owner, ast.Constant(value=str() as name), _]
            ):
                yield from _function(scopes, owner, name)
            case ast.Call(func=ast.Name("setattr"), args=[owner, _, _]):
                # By a name of the run: any of the module's.
                home = scopes.resolve(owner)
                yield from (f.key for f in home.functions) if isinstance(home, Module) else ()


def _function(scopes: Scopes, owner: ast.expr, name: str) -> Iterator[str]:
    home = scopes.resolve(owner)
    found = scopes.project.lookup(home, name) if isinstance(home, Module) else None
    if isinstance(found, FunctionInfo):
        yield found.key
