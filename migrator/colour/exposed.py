"""Which methods other code may call of the objects that it was given."""

from __future__ import annotations

from migrator.colour.exchange import does_nothing
from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.project import Project
from migrator.types.bases import calling_base
from migrator.types.state import State


def exposed_methods(state: State) -> set[str]:
    """The keys of the methods that such an object has.

    Of a method that all of their classes override it has the override. One that only declares goes with most
    of those, and what it says is right for them. Where a base from elsewhere stands between them, its own `super()` may come to any.
    """
    project = state.project
    given = [project.classes[key] for key in state.exposed if key in project.classes]
    classes = {c.key: c for cls in given for c in (cls, *project.subclasses(cls))}
    found: set[str] = set()
    overridden: dict[str, FunctionInfo] = {}
    for cls in classes.values():
        hidden: set[str] = set()
        for owner in project.mro(cls):
            for name, method in owner.methods.items():
                if name in hidden:
                    overridden[method.key] = method
                else:
                    found |= _keys(project, method)
            if not calling_base(project, cls):
                hidden |= _always_defined(owner)
    others = (method for key, method in overridden.items() if key not in found)
    return found.union(*[_keys(project, m) for m in others if _goes_with(state, m, found)])


def _keys(project: Project, method: FunctionInfo) -> set[str]:
    return {each.key for each in project.variants(method)}


def _goes_with(state: State, method: FunctionInfo, exposed: set[str]) -> bool:
    """Whether a method only declares what is exposed, for the most part."""
    if method.owner is None or not does_nothing(state, method.key):
        return False
    below = state.project.subclasses(method.owner)
    keys = [c.methods[method.name].key for c in below if method.name in c.methods]
    return 2 * sum(key in exposed for key in keys) >= len(keys)


def _always_defined(cls: ClassInfo) -> set[str]:
    """The names of the methods that no condition keeps from being made."""
    body = set(map(id, cls.node.body))
    return {name for name, method in cls.methods.items() if id(method.node) in body}
