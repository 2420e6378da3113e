"""What a process has once, and both packages set up: metrics, versioning, instrumentation, names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import FunctionNode, Module
from migrator.index.project import Project
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes

_METRICS = (
    "is registered under its name in the registry of the process: the second package that is imported "
    "raises `Duplicated timeseries`",
    "Define it in a module outside of what is converted and import it from there, or give it a "
    "`registry` of the package's own.",
)
_VERSIONING = (
    "listens to every session of the process: under the mount each change is noted twice, and a new "
    "object's version says that it was changed",
    "Serve each package by a process of its own, or convert in place (`--write`).",
)
_INSTRUMENTED = (
    "works once in a process: the second call, in the package that is set up later, changes nothing, and "
    "the statements or requests of that side have no spans",
    "Instrument in a module outside of what is converted, with no engine or application named; or serve "
    "each package by a process of its own.",
)
_EXPOSED = (
    "keeps the models of all APIs of the process by their names: under the mount a relationship is looked up "
    "in the other package's model, and the request answers 500",
    "Serve each package by a process of its own, or convert in place (`--write`).",
)
_ACTORS = (
    "is registered under its function's name with the broker of the process: the second package that is imported "
    "raises `An actor named … is already registered`",
    'Give it a name that each package makes itself (`actor_name=f"{__name__}.send"`), and let one worker import both; '
    "or convert in place (`--write`).",
)
_METRIC_MODULES = ("prometheus_client", "prometheus_client.metrics")
_METRIC_CLASSES = ("Counter", "Gauge", "Histogram", "Summary", "Info", "Enum")
_KNOWN = {
    **{f"{module}.{name}": _METRICS for module in _METRIC_MODULES for name in _METRIC_CLASSES},
    "sqlalchemy_continuum.make_versioned": _VERSIONING,
    "safrs.SAFRSAPI": _EXPOSED,
    "safrs.SafrsApi": _EXPOSED,
    "dramatiq.actor": _ACTORS,
}
#: Modules whose classes make such metrics themselves.
_EXPORTERS = "prometheus_flask_exporter."
_INSTRUMENTORS = "opentelemetry.instrumentation."
#: What a module says that has any of them.
_WORDS = (
    "prometheus_client", "prometheus_flask_exporter", "sqlalchemy_continuum", "opentelemetry", "safrs", "dramatiq",
)  # fmt: skip


def once_a_process(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each kind of them, where the first one stands."""
    project = conversion.project
    if conversion.surface is None or conversion.package in {"", project.package}:
        return
    found: dict[tuple[str, str], list[tuple[Module, ast.expr, str]]] = {}
    for module, call, dotted, kind in _set_up(project):
        found.setdefault(kind, []).append((module, call, dotted))
    for (what, hint), calls in found.items():
        module, call, dotted = calls[0]
        others = f" (and {len(calls) - 1} more)" if len(calls) > 1 else ""
        yield finding_at(
            module,
            call,
            "MIG124",
            f"{dotted.rpartition('.')[2]}{others} {what}.",
            hint=hint,
        )


def _set_up(project: Project) -> Iterator[tuple[Module, ast.expr, str, tuple[str, str]]]:
    for module in project.modules.values():
        if is_test(module) or not any(map(module.source.says, _WORDS)):
            continue
        scopes = project.derived(Scopes, module)
        for call in module.of(ast.Call):
            if (known := _known(scopes, call)) is not None:
                yield module, call, *known
        functions: list[FunctionNode] = [*module.of(ast.FunctionDef)]
        functions += module.of(ast.AsyncFunctionDef)
        for function in functions:
            for bare in function.decorator_list:
                if not isinstance(bare, ast.Call) and scopes.external(bare) in _KNOWN:
                    yield module, bare, (name := scopes.external(bare)), _KNOWN[name]


def _known(scopes: Scopes, call: ast.Call) -> tuple[str, tuple[str, str]] | None:
    """What is called, and what is to be said of it."""
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr == "instrument":
        made = func.value
        dotted = scopes.external(made.func) if isinstance(made, ast.Call) else ""
        return (dotted, _INSTRUMENTED) if dotted.startswith(_INSTRUMENTORS) else None
    dotted = scopes.external(func)
    if any(map(_is_the_packages_own, call.keywords)):
        return None
    if dotted.startswith(_EXPORTERS):
        return dotted.removesuffix(".for_app_factory"), _METRICS
    return (dotted, _KNOWN[dotted]) if dotted in _KNOWN else None


def _is_the_packages_own(given: ast.keyword) -> bool:
    """Whether what is given says where, or under which name, each package registers for itself."""
    if given.arg == "actor_name":
        return not isinstance(given.value, ast.Constant)
    return given.arg in ("registry", "broker", None)
