"""Which modules are imported while another one is, before that has a name: they can't import it from there.

https://docs.python.org/3/faq/programming.html#what-are-the-best-practices-for-using-import-in-a-module
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migrator.index.binder import of_types
from migrator.index.definitions import Module
from migrator.index.project import Project

_BODIES = ("body", "handlers", "orelse", "finalbody")


def comes_first(project: Project, module: Module, home: Module, name: str) -> bool:
    """Whether `module` is imported while `home` is, before `home` has bound `name`.

    The packages around `home` are not: their import has begun by then.
    """
    done = {home.name, *_packages(home.name)}
    tree = home.source.tree
    work = list(_imported(project, home, _before(tree.body if tree is not None else [], name)))
    while work:
        found = work.pop()
        if found.name in done:
            continue
        if found is module:
            return True
        done.add(found.name)
        work += project.derived(_imports, found)
    return False


def imported_by(project: Project, module: Module) -> set[str]:
    """The names of the modules that are imported when a module is, by others that it imports too."""
    done: set[str] = set()
    work = [module]
    while work:
        for found in project.derived(_imports, work.pop()):
            if found.name not in done:
                done.add(found.name)
                work.append(found)
    return done


def _imports(project: Project, module: Module) -> list[Module]:
    tree = module.source.tree
    return list(_imported(project, module, tree.body if tree is not None else []))


def _before(body: Sequence[ast.stmt], name: str) -> list[ast.stmt]:
    """The statements above the first one that binds a name."""
    for index, statement in enumerate(body):
        if any(name in _bound(inner) for inner in _run(statement)):
            return [*body[:index]]
    return [*body]


def _bound(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [a.asname or a.name.partition(".")[0] for a in names]
        case ast.Assign(targets=targets):
            return [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return [name]
    return []


def _run(statement: ast.stmt) -> Iterator[ast.stmt]:
    """A statement of a module and those in it, as far as they run when the module is imported."""
    yield statement
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    parts = [getattr(statement, part, ()) for part in _BODIES]
    if isinstance(statement, ast.If) and (apart := of_types(statement.test, statement)):
        parts = [apart[1]]
    for part in parts:
        for inner in part:
            for child in inner.body if isinstance(inner, ast.ExceptHandler) else [inner]:
                yield from _run(child)


def _imported(project: Project, module: Module, body: Sequence[ast.stmt]) -> Iterator[Module]:
    for statement in body:
        for inner in _run(statement):
            for name in _named(module, inner):
                for known in (*_packages(name), name):
                    found = project.find_module(known)
                    if found is not None:
                        yield found


def _named(module: Module, statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(names=names):
            target = module.absolute(statement.module, statement.level)
            return [target, *(f"{target}.{alias.name}" for alias in names)]
    return []


def _packages(name: str) -> list[str]:
    """The packages around a module, outermost first."""
    parts = name.split(".")
    return [".".join(parts[:size]) for size in range(1, len(parts))]
