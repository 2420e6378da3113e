"""Hybrids whose expression may read another table: `return Order.amount` in a class of customers.

As a criterion it joins that table, so that an object may come several times.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.model import Model
from migrator.index.project import Project


def mark_joining(project: Project, models: dict[str, Model]) -> None:
    """Note the hybrids of each model that name another model or a table, or a function that does so."""
    joining = _Joining(project, models)
    for model in models.values():
        hybrids = {
            method.name
            for cls in project.mro(model.info)
            for method in cls.methods.values()
            if method.node.decorator_list
        }
        model.joining = {name for name in hybrids if joining.joins(model.info, name, set())}


class _Joining:
    def __init__(self, project: Project, models: dict[str, Model]) -> None:
        self._project = project
        self._models = models

    def joins(self, cls: ClassInfo, name: str, seen: set[str]) -> bool:
        if name in seen:
            return False
        seen.add(name)
        lineage = self._project.mro(cls)
        for function in _all_of(lineage, name):
            if self._reads_another(lineage, function, seen):
                return True
            if any(self.joins(cls, other, seen) for other in _of_the_class(function)):
                return True
        return False

    def _reads_another(
        self, lineage: list[ClassInfo], function: FunctionInfo, seen: set[str]
    ) -> bool:
        for node in function.nodes:
            match node:
                case ast.Attribute(attr="c" | "columns") | ast.Import() | ast.ImportFrom():
                    return True
                case ast.Name() | ast.Attribute():
                    found = self._project.resolve(function.module, node)
                case _:
                    continue
            if isinstance(found, ClassInfo) and found.key in self._models and found not in lineage:
                return True
            if isinstance(found, FunctionInfo) and found.key not in seen:
                seen.add(found.key)
                if self._reads_another(lineage, found, seen):
                    return True
        return False


def _all_of(lineage: list[ClassInfo], name: str) -> Iterator[FunctionInfo]:
    """The functions of a hybrid: what reads it of an object, and what stands for it in a statement."""
    for owner in lineage:
        for info in owner.module.functions:
            if info.owner is owner and (
                info.name == name or any(d.startswith(f"{name}.") for d in info.decorators())
            ):
                yield info


def _of_the_class(function: FunctionInfo) -> Iterator[str]:
    """The attributes that a function reads of the class, other hybrids perhaps."""
    for node in function.nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="cls" | "self"), attr=name):
                yield name
