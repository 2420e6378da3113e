"""The names of a module that are taken: what is inserted gets another one."""

from __future__ import annotations

from collections.abc import Container, Iterator

from migrator.index.definitions import ClassInfo, FunctionInfo, Import, Module, Variable
from migrator.index.exported import exports
from migrator.index.project import Project

#: Whose names are inserted: what has one of them is the same thing.
_INSERTED = ("sqlalchemy.", "migrator.")


def taken(project: Project, module: Module) -> dict[str, frozenset[str]]:
    """Each name of the module with the dotted names of what it stands for.

    Also, with none, what the module would hide by a name that it got: who imports all of it (`from services import
    *`) would get that name, in the place of its own one.
    """
    names = {name: _stands_for(project, module, name) for name in module.bindings}
    taking = _starring(project, module)
    having = {module.name, *(each.name for each in taking)}
    for starring in taking:
        for name in _hidden_by(project, starring, having):
            if name not in names and not any(
                dotted.startswith(_INSERTED) for dotted in _stands_for(project, starring, name)
            ):
                names[name] = frozenset()
    return names


def _stands_for(project: Project, module: Module, name: str) -> frozenset[str]:
    binding = module.bindings.get(name)
    if not isinstance(binding, Import):
        return frozenset({f"{module.name}.{name}"})
    targets = {f"{binding.module}.{binding.name}" if binding.name else binding.module}
    found = project.lookup(module, name)
    if isinstance(found, ClassInfo | FunctionInfo):
        targets.add(found.key.replace(":", "."))
    elif isinstance(found, Variable):
        targets.add(f"{found.module}.{found.name}")
    return frozenset(targets)


def _starring(project: Project, module: Module) -> list[Module]:
    """The modules that import whatever it has, and those that import whatever they have."""
    found = [*project.starring.get(module.name, ())]
    for each in found:
        found += [m for m in project.starring.get(each.name, ()) if m not in found]
    return [each for each in found if each is not module]


def _hidden_by(project: Project, starring: Module, having: Container[str]) -> Iterator[str]:
    """The names that a star of one of the modules `having` may take: bound above it, or by another star."""
    for name, stars in starring.covering.items():
        if any(star in having for star in stars):
            yield name
    for star in starring.stars:
        other = project.find_module(star)
        if other is not None and star not in having:
            yield from (name for name in other.bindings if exports(other, name))
