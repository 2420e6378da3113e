"""Values that a module's variables have in passing: `Session = sessionmaker(...)`, `Session = scoped_session(Session)`."""

from __future__ import annotations

import ast

from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.index.walk import children

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def passing(project: Project, module: Module) -> frozenset[int]:
    """Ids of the module's assignments whose names it binds again before anything could ask for them.

    What stands between calls nothing and imports nothing. See `Project.derived`.
    """
    found: set[int] = set()
    #: By a name: its last assignment that nobody could ask for so far.
    waiting: dict[str, ast.stmt] = {}
    tree = module.source.tree
    for statement in tree.body if tree is not None else ():
        names = _bound(statement)
        found.update(id(waiting[name]) for name in names if name in waiting)
        if not _is_quiet(statement):
            waiting.clear()
        if len(names) == 1:
            waiting[names[0]] = statement
    return frozenset(found)


def _bound(statement: ast.stmt) -> list[str]:
    """The names that a statement is there to bind: all of its targets, or none."""
    match statement:
        case ast.Assign(targets=targets):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            return names if len(names) == len(targets) else []
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            return [name]
    return []


def _is_quiet(statement: ast.stmt) -> bool:
    """Whether nothing is called and nothing imported where a statement runs."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = statement.args
        defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
        return not statement.decorator_list and not any(map(_calls, defaults))
    if isinstance(statement, ast.ClassDef | ast.Import | ast.ImportFrom):
        return False
    return not _calls(statement)


def _calls(node: ast.AST) -> bool:
    if isinstance(node, ast.Call | ast.Await):
        return True
    inside = () if isinstance(node, (*_DEFINITIONS, ast.Lambda)) else children(node)
    return any(map(_calls, inside))
