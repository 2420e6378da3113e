"""Routes that Flask serves, where it stays the frame, and that the URL map of the report does not hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.codemod.findings.unseen import imports_flask, is_route
from migrator.index.definitions import ClassInfo, FunctionInfo, Module, Variable
from migrator.index.project import Project
from migrator.index.written import written
from migrator.surface import Surface, extensions
from migrator.surface.application import is_test

_HINT = (
    "Nothing has to be done: they are served, compared and switched like all others. The sums, the order and "
    "the hours leave them out."
)


def unlisted_routes(conversion: Conversion) -> list[Finding]:
    """A note for each blueprint, and each extension, whose routes could not be followed.

    Whatever registers them, the converted application has them as the legacy one does.
    """
    surface = conversion.surface
    if surface is None or surface.frame != "flask":
        return []
    return [*_by_decorators(conversion, surface), *_by_extensions(surface)]


def _by_decorators(conversion: Conversion, surface: Surface) -> Iterator[Finding]:
    project = conversion.project
    listed = {endpoint.function for endpoint in surface.endpoints} | surface.entries.keys()
    for module in project.modules.values():
        if is_test(module):
            continue
        groups: dict[str, list[ast.expr]] = {}
        for key, owner in _routes(module):
            if key not in listed and _is_flasks(project, module, owner):
                groups.setdefault(written(owner), []).append(owner)
        for name, found in groups.items():
            yield finding_at(
                module, found[0], "MIG427",
                f"The routes of {name} are not listed ({len(found)}): what registers them can't be "
                "followed. Flask serves them as before.",
                hint=_HINT,
                severity="info",
            )  # fmt: skip


def _routes(module: Module) -> Iterator[tuple[str, ast.expr]]:
    """What stands below a route: its key, and whose route that is."""
    every: list[FunctionInfo | ClassInfo] = [*module.functions, *module.classes]
    for defined in every:
        for decorator in defined.node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(value=owner)) if is_route(decorator):
                    yield defined.key, owner


def _is_flasks(project: Project, module: Module, owner: ast.expr) -> bool:
    """Whether it is Flask, or something built on it, that has a route: by its class, if that is known."""
    made = project.resolve(module, owner)
    if isinstance(made, Variable) and isinstance(made.value, ast.Call):
        home, func = project.modules[made.module], made.value.func
        cls = project.resolve(home, func)
        names = [project.external(home, func)]
        if isinstance(cls, ClassInfo):
            names = project.external_bases(cls)
        if any(names):
            return any("flask" in name.partition(".")[0] for name in names)
    return imports_flask(module)


def _by_extensions(surface: Surface) -> Iterator[Finding]:
    for extension in surface.extensions:
        other = extension.effect not in {"supported", "keep", "dev"}
        adds = extension.effect == "views" or (extension.by_class and other)
        if adds and not extension.dotted.startswith(extensions.LISTED):
            name = extensions.distribution(extension.dotted)
            yield Finding(
                extension.path, extension.line, 1, "MIG427",
                f"The endpoints that {name} adds here are not listed. Flask serves them as before.",
                hint=_HINT,
                severity="info",
            )  # fmt: skip
