"""Functions in whose place other code puts something: `services.total = counted`, `setattr(services, "total", ...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import FunctionInfo, Import, Module
from migrator.index.project import Project


def patched(project: Project) -> frozenset[str]:
    """Their keys: what is called by such a name may be another one."""
    return frozenset(
        key for module in project.modules.values() for key in _patched_by(project, module)
    )


def _patched_by(project: Project, module: Module) -> Iterator[str]:
    for target in module.of(ast.Attribute):
        if isinstance(target.ctx, ast.Store):
            yield from _function(project, module, target.value, target.attr)
    for call in module.of(ast.Call) if module.source.says("setattr") else ():
        match call:
            case ast.Call(
                func=ast.Name("setattr"), args=[owner, ast.Constant(value=str() as name), _]
            ):
                yield from _function(project, module, owner, name)


def _function(project: Project, module: Module, owner: ast.expr, name: str) -> Iterator[str]:
    home = project.resolve(module, owner)
    if home is None and isinstance(owner, ast.Name):
        home = _imported_inside(project, module, owner.id)
    found = home.bindings.get(name) if isinstance(home, Module) else None
    if isinstance(found, FunctionInfo):
        yield found.key


def _imported_inside(project: Project, module: Module, name: str) -> Module | None:
    """The module that a function's own import binds a name to."""
    for statement in module.of(ast.ImportFrom):
        for alias in statement.names:
            if (alias.asname or alias.name) == name:
                home = module.absolute(statement.module, statement.level)
                found = project.imported(Import(home, alias.name))
                return found if isinstance(found, Module) else None
    for plain in module.of(ast.Import):
        for alias in plain.names:
            if name in (alias.asname, alias.name):
                return project.find_module(alias.name)
    return None
