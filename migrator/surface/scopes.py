"""What an expression stands for where it is written: imports of the functions around it are followed.

Against circular imports many a function imports for itself what others import for their module.
"""

from __future__ import annotations

import ast
from functools import cached_property

from migrator.index.definitions import ExternalName, FunctionInfo, Module, Resolved
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.surface.local import local_imports, resolve_import


class Scopes:
    """Resolves expressions of one module, each by the functions that it stands in: see `Project.derived`."""

    def __init__(self, project: Project, module: Module) -> None:
        self.project = project
        self.module = module
        #: The innermost function around each name, by the name's id: where a function has imports.
        self._inside: dict[int, FunctionInfo] = {}
        #: With each node, or another one might get its id.
        self._external: dict[int, tuple[ast.expr, str]] = {}
        importing: set[str] = set()
        functions = module.functions if module.imports_inside else ()
        for function in functions:  # outer ones first
            outer = function.parent is not None and function.parent.key in importing
            if not outer and not function.imports():
                continue
            importing.add(function.key)
            for statement in function.node.body:
                names = (n for n in walk(statement) if isinstance(n, ast.Name))
                self._inside.update((id(name), function) for name in names)

    @cached_property
    def functions(self) -> dict[int, str]:
        """The key of the innermost function that a node of the module stands in, by the node's id."""
        # Functions come before those inside of them.
        return {id(node): f.key for f in self.module.functions for node in walk(f.node)}

    def resolve(self, node: ast.expr) -> Resolved:
        """What a name or a dotted chain stands for, or None."""
        if isinstance(node, ast.Attribute):
            return self.project.member(self.resolve(node.value), node.attr)
        if not isinstance(node, ast.Name):
            return self.project.resolve(self.module, node)
        function = self._inside.get(id(node))
        while function is not None:
            if statements := function.imports().get(node.id):
                # The first one is what is meant, as against a fallback in `except ImportError`.
                bound = local_imports(function, statements[:1])
                return resolve_import(self.project, bound[node.id])
            arguments = function.node.args
            if any(isinstance(a, ast.arg) and a.arg == node.id for a in walk(arguments)):
                return None
            function = function.parent
        return self.project.lookup(self.module, node.id)

    def external(self, node: ast.expr) -> str:
        """The dotted name of another distribution's that an expression stands for; "" for none."""
        known = self._external.get(id(node))
        if known is None:
            found = self.resolve(node) if self._stands_for_something(node) else None
            known = node, found.dotted if isinstance(found, ExternalName) else ""
            self._external[id(node)] = known
        return known[1]

    def _stands_for_something(self, node: ast.expr) -> bool:
        """Whether what a chain begins with does, or can't be told so easily."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name) or self._inside:
            return True
        return self.project.lookup(self.module, node.id) is not None

    @cached_property
    def calls(self) -> list[tuple[ast.Call, str]]:
        """The calls of the module that are of something of another distribution's, with its dotted name."""
        every = ((node, self.external(node.func)) for node in self.module.of(ast.Call))
        return [(node, name) for node, name in every if name]
