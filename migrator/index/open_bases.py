"""Classes with a base that only the run knows: a parameter, what a function gives, an item of a list."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict

from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo, Module, Variable
from migrator.index.project import Project

#: So many names in a row are followed; what goes on is taken for open.
_FOLLOWED = 4


def has_open_base(project: Project, cls: ClassInfo) -> bool:
    """Whether a class may derive from any class of the repository, by a base that is no name of one."""
    return any(_is_open(project, cls.module, base, _FOLLOWED) for base in cls.node.bases)


def overriding_methods(project: Project) -> dict[str, tuple[str, ...]]:
    """The keys of the methods of such classes, by name: they may stand in the place of any of that name.

    Special methods are looked for wherever Python calls them.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for cls in project.classes.values():
        if has_open_base(project, cls):
            for name, method in cls.methods.items():
                if not name.startswith("__"):
                    found[name].append(method.key)
    return {name: tuple(keys) for name, keys in found.items()}


def _is_open(project: Project, module: Module, base: ast.expr, depth: int) -> bool:
    target = project.resolve(module, base)
    if isinstance(target, ClassInfo | ExternalName):
        return False
    if isinstance(target, Variable):
        home = project.modules[target.module]
        value = target.value
        return value is None or depth == 0 or _is_open(project, home, value, depth - 1)
    match base:
        case ast.Subscript(value=value):
            # `Generic[T]` is one; an item of a list or of a dict can't be told from here.
            generic = project.resolve(module, value)
            return not isinstance(generic, ClassInfo | ExternalName)
        case ast.Call(func=func):
            maker = project.resolve(module, func)
            own = isinstance(maker, FunctionInfo | ClassInfo)
            return own or (maker is None and getattr(func, "id", "") == "type")
        case ast.Attribute(value=value):
            owner = project.resolve(module, value)
            several = isinstance(owner, Variable) and owner.imported is not None
            return several or isinstance(owner, ClassInfo)
        case ast.Name(id=name):
            return not hasattr(builtins, name)
    return True
