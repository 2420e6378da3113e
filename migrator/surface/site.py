"""Where the application comes from: what `asgi.py` names, and what runs before any request."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from migrator.index.definitions import FunctionInfo, Variable
from migrator.index.project import Project
from migrator.surface.application import Candidate, is_test, needs_arguments
from migrator.surface.model import ApplicationSite, Finding


def application_site(
    project: Project,
    candidate: Candidate,
    made: ast.Call,
    imports: tuple[str, ...],
    setting_up: Iterable[FunctionInfo],
) -> ApplicationSite:
    """The place of the application that the call `made` makes, with all that sets it up.

    `imports` are modules that add to a module-level application and that it does not import.
    """
    site = _made(project, candidate, made, imports)
    starts = {function.key for function in setting_up}
    if site.kind != "object":
        starts.add(f"{site.module}:{site.attribute}")
    return replace(site, starts=frozenset(starts))


def _made(
    project: Project, candidate: Candidate, made: ast.Call, imports: tuple[str, ...]
) -> ApplicationSite:
    name, attribute = candidate.module.name, candidate.attribute
    if candidate.function is None:
        return ApplicationSite(name, attribute, "object", made, imports)
    if candidate.fills:
        return ApplicationSite(name, attribute, "filler", made, fills=candidate.fills)
    if needs_arguments(candidate.function) and not candidate.arguments:
        called = _object_of(project, candidate.function)
        if called is not None:
            return ApplicationSite(*called, "object", made)
    return ApplicationSite(name, attribute, "factory", made, arguments=candidate.arguments)


def without_arguments(candidate: Candidate, site: ApplicationSite) -> list[Finding]:
    """A factory that `asgi.py` calls with nothing, though it needs something."""
    factory = candidate.function
    if factory is None or site.kind != "factory" or site.arguments:
        return []
    if not needs_arguments(factory):
        return []
    return [
        Finding(
            factory.module.path,
            factory.node.lineno,
            factory.node.col_offset,
            "MIG424",
            f"{site.module}:{site.attribute} needs arguments, and nothing says which: asgi.py "
            "calls it without any.",
            factory.qualname,
            f"Name it with its arguments: --app \"{site.module}:{site.attribute}('testing')\".",
        )
    ]


def _object_of(project: Project, factory: FunctionInfo) -> tuple[str, str] | None:
    """The module-level `app = create_app("production")` of a start script."""
    for module in project.modules.values():
        for name, binding in module.bindings.items():
            if (
                isinstance(binding, Variable)
                and isinstance(binding.value, ast.Call)
                and not is_test(module)
                and project.resolve(module, binding.value.func) is factory
            ):
                return module.name, name
    return None
