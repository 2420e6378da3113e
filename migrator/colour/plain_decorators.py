"""Decorators that the code does nothing with but to write them above functions.

What composes decorators calls them with what nobody follows: `for each in decorators: f = each(f)`.
"""

from __future__ import annotations

import ast
from functools import cached_property

from migrator.index.definitions import ExternalName
from migrator.index.project import Project
from migrator.types.escapes import COPIES_NAMES


class PlainDecorators:
    """Asked by the keys of functions."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def copies_for(self, key: str, name: str) -> bool:
        """Whether `name` is `functools.wraps` in a function that is, or is made by, a decorator alone."""
        info = self._project.functions.get(key)
        if info is None:
            return False
        found = self._project.resolve(info.module, ast.Name(name))
        dotted = found.dotted if isinstance(found, ExternalName) else name
        if dotted not in COPIES_NAMES:
            return False
        while info.parent is not None:
            info = info.parent
        return info.name not in self._elsewhere

    @cached_property
    def _elsewhere(self) -> frozenset[str]:
        """The names that the code says elsewhere than as a decorator's."""
        found: set[str] = set()
        for module in self._project.modules.values():
            functions: list[ast.AST] = [
                *module.of(ast.FunctionDef),
                *module.of(ast.AsyncFunctionDef),
            ]
            decorators = [d for n in functions for d in getattr(n, "decorator_list", ())]
            applied = {id(d.func if isinstance(d, ast.Call) else d) for d in decorators}
            found.update(n.id for n in module.of(ast.Name) if id(n) not in applied)
            found.update(n.attr for n in module.of(ast.Attribute) if id(n) not in applied)
            found.update(a.name for a in module.of(ast.alias) if a.asname not in (None, a.name))
        return frozenset(found)
