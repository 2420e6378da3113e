"""What a module has made by a factory and puts routes on: another one of the factory's has none of them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeAlias

from migrator.index.apart import is_test
from migrator.index.definitions import FunctionInfo, Module, Variable
from migrator.index.import_order import imported_by
from migrator.index.project import Project
from migrator.surface.registrations import REGISTERING, ROUTES

#: A module, and its name for an application.
Holder: TypeAlias = tuple[Module, str]

#: Methods of an application by which it gets routes.
_REGISTERED = frozenset({*ROUTES, *REGISTERING})


def routed_names(project: Project) -> list[tuple[Module, ast.Name]]:
    """The names on which code registers something, a module's or a function's own."""
    return [
        (module, call.func.value)
        for module in project.modules.values()
        for call in (module.of(ast.Call) if not is_test(module) else ())
        if isinstance(call.func, ast.Attribute) and call.func.attr in _REGISTERED
        if isinstance(call.func.value, ast.Name)
    ]


def holder_of_routes(
    project: Project, factory: FunctionInfo, registered: Sequence[tuple[Module, ast.Name]]
) -> Holder | None:
    """The module's name for what the factory has made, where routes are put on that."""
    holders: list[Holder] = []
    routed: list[Holder] = []
    for module in project.modules.values():
        for name, bound in module.bindings.items() if not is_test(module) else ():
            made = bound.value if isinstance(bound, Variable) else None
            if not isinstance(made, ast.Call) or project.resolve(module, made.func) is not factory:
                continue
            holders.append((module, name))
            if any(
                project.lookup(other, owner.id) is bound and not _is_own(other, owner)
                for other, owner in registered
            ):
                routed.append((module, name))
    if routed and _keeps(factory):
        # One application in all of them: what imports the others has what each of them puts on it.
        return max([*routed, *holders], key=lambda h: len(_imports(project, h[0], holders)))
    return routed[0] if routed else None


def held_by_object(project: Project, factory: FunctionInfo) -> Holder | None:
    """The module's name for what an object keeps that the factory has made: `app = interface.app`.

    The object puts the routes on it, which the factory doesn't.
    """
    if any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in _REGISTERED
        for call in factory.nodes
    ):
        return None
    kept = {
        target.attr
        for function in project.functions.values()
        for node in (function.nodes if function.owner is not None else ())
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if project.resolve(function.module, node.value.func) is factory
        for target in node.targets
        if isinstance(target, ast.Attribute) and not is_test(function.module)
    }
    found = [
        (module, name)
        for module in (project.modules.values() if kept else ())
        for name, bound in (module.bindings.items() if not is_test(module) else ())
        if isinstance(bound, Variable) and bound.module == module.name
        if isinstance(bound.value, ast.Attribute) and bound.value.attr in kept
        if isinstance(project.resolve(module, bound.value.value), Variable)
    ]
    return found[0] if len(found) == 1 else None


def _imports(project: Project, module: Module, holders: Sequence[Holder]) -> set[str]:
    """Which of the modules with an application are imported where this one is."""
    return {m.name for m, _ in holders} & {module.name, *imported_by(project, module)}


def _keeps(factory: FunctionInfo) -> bool:
    """Whether a function keeps what it makes, in a name of its module, and gives that again."""
    kept = {n for node in factory.nodes if isinstance(node, ast.Global) for n in node.names}
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id in kept
        for node in factory.nodes
    )


def _is_own(module: Module, name: ast.Name) -> bool:
    """Whether a function has that name for itself where it says it."""
    return any(name in f.nodes and name.id in _bound(f) for f in module.functions)


def _bound(function: FunctionInfo) -> set[str]:
    """The names that a function has for itself."""
    return {a.arg for a in function.nodes if isinstance(a, ast.arg)} | {
        n.id for n in function.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
