"""Folders of the converted code that it puts on `sys.path` itself.

Its modules are imported by the new package's name. On the path, that folder would give the legacy
code, which finds its modules there by bare names, the converted ones.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from migrator.index.definitions import Module, Variable, dotted
from migrator.index.project import Project
from migrator.queries.step import Action

_SAME = frozenset(
    {"os.path.abspath", "os.path.realpath", "os.path.normpath", "os.fspath", "str", "Path"}
    | {"pathlib.Path"}
)
_COMMENT = "# migrator: what lies in this folder is imported by the package's name"


def own_folders(project: Project, module: Module) -> Iterator[tuple[ast.AST, Action]]:
    """The statements that put a folder of the project on `sys.path`, to be taken away."""
    if project.package or not module.source.says("sys.path"):
        return
    root = project.root.resolve()
    for statement in module.nodes:
        match statement:
            case ast.Expr(value=ast.Call(func=function, args=[*_, given])) if dotted(function) in {
                "sys.path.insert",
                "sys.path.append",
            }:
                folder = _path(module, given, root / module.path)
                if folder is not None and folder.is_relative_to(root):
                    yield statement, Action("drop_statement", {"comment": _COMMENT})


def _path(module: Module, node: ast.expr, file: Path) -> Path | None:
    """The path that an expression made of `__file__` gives; None where that is not certain."""
    match node:
        case ast.Name(id="__file__"):
            return file
        case ast.Name(id=name):
            found = module.bindings.get(name)
            value = found.value if isinstance(found, Variable) else None
            once = sum(n.id == name for n in module.of(ast.Name) if type(n.ctx) is ast.Store) == 1
            return _path(module, value, file) if value is not None and once else None
        case ast.Call(func=function, args=[first, *others], keywords=[]):
            inner = _path(module, first, file)
            parts = [n.value for n in others if isinstance(n, ast.Constant)]
            if inner is None or len(parts) < len(others):
                return None
            match dotted(function):
                case "os.path.dirname" if not others:
                    return inner.parent
                case "os.path.join":
                    return _joined(inner, *parts)
                case name if name in _SAME and not others:
                    return inner
            return None
        case ast.Call(func=ast.Attribute(value=of, attr="resolve" | "absolute" | "as_posix")):
            return _path(module, of, file)
        case ast.Attribute(value=of, attr="parent"):
            inner = _path(module, of, file)
            return inner.parent if inner is not None else None
        case ast.Subscript(
            value=ast.Attribute(value=of, attr="parents"), slice=ast.Constant(value=int(number))
        ):
            inner = _path(module, of, file)
            above = inner.parents if inner is not None else ()
            return above[number] if 0 <= number < len(above) else None
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=str(part))):
            inner = _path(module, left, file)
            return _joined(inner, part) if inner is not None else None
        case _:
            return None


def _joined(folder: Path, *parts: object) -> Path:
    for part in parts:
        for name in str(part).split("/"):
            folder = folder.parent if name == ".." else folder / name
    return folder
