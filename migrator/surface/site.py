"""Where the application comes from: what `asgi.py` names, and what runs before any request."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, count

from migrator.index.definitions import ExternalName, FunctionInfo, Variable
from migrator.index.project import Project
from migrator.surface.application import (
    FACTORY_NAMES,
    MODULE_NAMES,
    OBJECT_NAMES,
    Candidate,
    is_test,
    needs_arguments,
)
from migrator.surface.made import Made
from migrator.surface.model import ApplicationSite, Finding

_DISPATCHER = "werkzeug.middleware.dispatcher.DispatcherMiddleware"


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


def also_converted(made: Made, site: ApplicationSite) -> Finding:
    """That an application besides the one that is served has been converted with it."""
    return Finding(
        made.app.module.path,
        made.app.node.lineno,
        made.app.node.col_offset,
        "MIG426",
        f"{site.module}:{site.attribute} is another application: it is converted too, and "
        f"{site.entry}.py serves it.",
        "",
        "Serve it beside asgi.py; the legacy one goes on working as it is.",
        "info",
    )


def put_together(project: Project, sites: Sequence[ApplicationSite]) -> Iterator[Finding]:
    """A finding for each place that gives several applications their paths, under WSGI."""
    if len(sites) == 1:
        return
    names = " and ".join(f"{site.entry}.py" for site in sites)
    for module in project.modules.values():
        if not module.source.says("DispatcherMiddleware") or is_test(module):
            continue
        for node in module.of(ast.Call):
            target = project.resolve(module, node.func)
            if isinstance(target, ExternalName) and target.dotted == _DISPATCHER:
                yield Finding(
                    module.path,
                    node.lineno,
                    node.col_offset,
                    "MIG416",
                    f"DispatcherMiddleware gives the applications their paths under WSGI: {names} "
                    "serve each of them by itself, at the root.",
                    "",
                    "Put the applications of these modules together at the ASGI edge: "
                    "starlette.routing.Mount, the longest path first.",
                )


def entry_module(project: Project, site: ApplicationSite, taken: Collection[str]) -> str:
    """A module for an application besides the first: `asgi_admin` for `shop.admin:app`.

    Neither one of `taken`, nor one that the project has.
    """
    parts = [site.module, *site.module.split(".")]
    telling = [part for part in parts[1:] if part not in (*MODULE_NAMES, project.package)]
    usual = site.attribute in (*OBJECT_NAMES, *FACTORY_NAMES)
    own = (telling or parts)[-1] if usual else site.attribute
    whole = f"{site.module}_{site.attribute}".replace(".", "_")
    names = chain((f"asgi_{own}", f"asgi_{whole}"), (f"asgi_{whole}_{n}" for n in count(2)))
    there = {name.rpartition(".")[2] for name in project.modules}
    return next(name for name in names if name not in taken and name not in there)


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
