"""What a project has of each name, whatever it belongs to: for receivers whose type nobody knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container

from migrator.index.definitions import Variable
from migrator.index.project import Project


def functions_by_name(project: Project) -> dict[str, tuple[str, ...]]:
    """Keys of the methods and module-level functions of each name."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, info in project.functions.items():
        if info.parent is None:
            found[info.name].append(key)
    return {name: tuple(keys) for name, keys in found.items()}


def properties_by_name(project: Project) -> dict[str, tuple[str, ...]]:
    """Keys of the properties of each name."""
    found: dict[str, list[str]] = defaultdict(list)
    for info in project.functions.values():
        if info.owner is not None and any(
            d.endswith(("property", "hybrid_property")) for d in info.decorators()
        ):
            found[info.name].append(info.key)
    return {name: tuple(keys) for name, keys in found.items()}


def variables_by_name(project: Project, apart: Container[str]) -> dict[str, tuple[str, ...]]:
    """The modules, other than those `apart`, that assign each name at their top."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in project.modules.values():
        if module.name not in apart:
            for name, bound in module.bindings.items():
                if isinstance(bound, Variable):
                    found[name].append(module.name)
    return {name: tuple(homes) for name, homes in found.items()}


def names_of_foreign_bases(project: Project) -> frozenset[str]:
    """The names, without their modules, of the classes elsewhere that the project's derive from."""
    return frozenset(
        base.rpartition(".")[2]
        for cls in project.classes.values()
        for base in project.external_bases(cls)
    )
