"""Every decorated function of the repository with its decorators, and what those do."""

from __future__ import annotations

import ast

from migrator.index.definitions import (
    ClassInfo,
    ExternalName,
    FunctionInfo,
    Module,
    Resolved,
    Variable,
)
from migrator.index.project import Project
from migrator.surface import class_views
from migrator.surface.decorators import either_kind, external_kind, repository_kind
from migrator.surface.machine import Machine
from migrator.surface.model import DecoratorKind, Opaque
from migrator.surface.values import (
    UNKNOWN,
    ClassValue,
    ExternalValue,
    Frame,
    FunctionValue,
    Instance,
    Method,
    Scaffold,
    Value,
)

#: The key of decorators that can't be read.
UNREAD = "decorators"


class Decorated:
    """`functions`: decorators' keys by function, outermost first; `kinds`: what each key does.

    A class-based view has its class's key.
    """

    def __init__(self, project: Project, machine: Machine) -> None:
        self.project = project
        self.machine = machine
        self.functions: dict[str, tuple[str, ...]] = {}
        self.kinds: dict[str, DecoratorKind] = {}
        for function in project.functions.values():
            if function.node.decorator_list:
                self.functions[function.key] = tuple(
                    self._key(function.module, d, function) for d in function.node.decorator_list
                )
        for cls in project.classes.values():
            if class_views.is_view(project, cls):
                self._view(cls)

    def _view(self, cls: ClassInfo) -> None:
        """The `decorators` of a class-based view, which stand around its view function."""
        listed = class_views.decorators(self.project, cls)
        if listed is None:
            self.kinds.setdefault(UNREAD, Opaque("its class's decorators can't be read"))
            self.functions[cls.key] = (UNREAD,)
            return
        owner, found = listed
        if found:
            self.functions[cls.key] = tuple(self._key(owner.module, d) for d in reversed(found))

    def _key(
        self, module: Module, decorator: ast.expr, function: FunctionInfo | None = None
    ) -> str:
        """A key of `kinds`: a function's or class's key, or the dotted name of what it is."""
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        several = self._several(module, node)
        if several:
            key = several[0].key.partition("@")[0] + "@"
            self.kinds.setdefault(key, either_kind(self.project, several))
            return key
        seen = self.machine.decorations.get(id(decorator))
        found = as_resolved(seen) if seen is not None else None
        if found is None:
            found = self._resolve(module, node, function)
        if isinstance(found, FunctionInfo | ClassInfo):
            key = found.key
            if key not in self.kinds:
                self.kinds[key] = repository_kind(self.project, found)
            return key
        key = found.dotted if isinstance(found, ExternalName) else ""
        if not key:
            self.kinds.setdefault("", Opaque("it can't be resolved"))
        else:
            self.kinds.setdefault(key, external_kind(key))
        return key

    def _several(self, module: Module, node: ast.expr) -> list[FunctionInfo]:
        """The functions of a name that stands for one of several things, by a condition."""
        found = self.project.resolve(module, node)
        if not isinstance(found, Variable):
            return []
        made = self.project.modules[found.module].functions
        return [f for f in made if f.name == found.name and not (f.owner or f.parent)]

    def _resolve(self, module: Module, node: ast.expr, function: FunctionInfo | None) -> Resolved:
        local = function.around(node) if function is not None else None
        if local is not None:
            return local
        found = self.project.resolve(module, node)
        if isinstance(found, FunctionInfo | ClassInfo | ExternalName):
            return found
        return self._value(module, node)

    def _value(self, module: Module, node: ast.expr) -> Resolved:
        frame = self.machine.frames.get(module.name) or Frame(module)
        return as_resolved(self.machine.evaluate(frame, node))


def as_resolved(value: Value) -> Resolved:
    """What a value of the set-up code is, by name: `flask.Blueprint.route` for `bp.route`."""
    match value:
        case FunctionValue():
            return value.info
        case ClassValue():
            return value.info
        case ExternalValue():
            return ExternalName(value.dotted)
        case Method(owner=Scaffold() as owner):
            kind = "Flask" if owner.kind == "app" else "Blueprint"
            return ExternalName(f"flask.{kind}.{value.name}")
        case Method(owner=Instance() as owner):
            return ExternalName(f"{owner.dotted}.{value.name}")
        case _ if value is UNKNOWN:
            return None
        case _:
            return None
