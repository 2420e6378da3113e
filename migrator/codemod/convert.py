"""The codemod as a function: a folder goes in, the texts of the new package come out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrator.codemod.asgi import asgi_source
from migrator.codemod.context import Context
from migrator.codemod.imports import add_imports
from migrator.codemod.renaming import Renaming, plan_renaming
from migrator.codemod.rewrite import apply_edits
from migrator.colour.analysis import analyse
from migrator.colour.decide import Decisions
from migrator.colour.plan import Edit, Plan, make_plan
from migrator.errors import MigratorError
from migrator.index.models import Models
from migrator.index.project import Import, Module, Project
from migrator.queries.step import Refusal
from migrator.surface import Opaque, Surface, TransparentWrapper, read_surface

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know or to do: `severity` is error (to be done by hand) or info."""

    path: str
    line: int
    column: int
    code: str
    message: str
    symbol: str = ""
    hint: str = ""
    severity: str = "error"


@dataclass(slots=True)
class Conversion:
    """The result: new texts by relative path, files to copy as they are, and what was found."""

    project: Project
    plan: Plan
    surface: Surface | None = None
    package: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    copies: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def convert(
    root: Path, package: str = "", *, application: str = "", progress: Progress | None = None
) -> Conversion:
    """Convert the package or folder `root` into a package called `package`; nothing is written.

    `application` is `module:attribute` or `module:factory`; without it the application is looked
    for. Raises UsageError where it can't be found by the name given, or is ambiguous.
    """
    root = root.resolve()
    project = Project(root)
    models = Models(project)
    surface = read_surface(project, application)
    entries = {k: e.kind for k, e in surface.entries.items()} if surface is not None else {}
    state = analyse(project, models, entries)
    decisions = Decisions(state, **_framework(surface))
    plan = make_plan(state, decisions)
    package = package or project.package or root.name
    conversion = Conversion(project, plan, surface, package)
    conversion.copies.extend(project.data)
    edits = _edits(project, plan, surface, package)
    for index, module in enumerate(project.modules.values()):
        if progress is not None:
            progress(module.path, index, len(project.modules))
        conversion.texts[module.path] = _module(conversion, module, edits.get(module.name, []))
    if surface is not None:
        conversion.texts["asgi.py"] = asgi_source(project, surface.site, package)
    return conversion


def _edits(
    project: Project, plan: Plan, surface: Surface | None, package: str
) -> dict[str, list[Edit]]:
    """Everything that is to change, by module: queries and colour, Flask's parts, the new name."""
    edits = {name: list(found) for name, found in plan.edits.items()}
    parts = [plan_renaming(project, package)]
    if surface is not None:
        parts.append(surface.actions)
    for part in parts:
        for name, pairs in part.items():
            edits.setdefault(name, []).extend(Edit(node, (action,)) for node, action in pairs)
    return edits


def _framework(surface: Surface | None) -> dict[str, Any]:
    """What the surface tells the decisions: what is left, and what stands around functions."""
    if surface is None:
        return {}
    wrapped: dict[str, tuple[str, ...]] = {}
    opaque: dict[str, Refusal] = {}
    for key, names in surface.decorated.items():
        kinds = [surface.decorators[n] for n in names if n in surface.decorators]
        inner = tuple(k.wrapper for k in kinds if isinstance(k, TransparentWrapper))
        if inner:
            wrapped[key] = inner
        for kind in kinds:
            if isinstance(kind, Opaque):
                opaque[key] = Refusal(
                    "MIG514",
                    f"its decorator takes plain functions: {kind.reason}",
                    "Make the decorator await what it wraps.",
                )
    return {"left": surface.left, "wrapped_by": wrapped, "opaque": opaque}


def _module(conversion: Conversion, module: Module, edits: list[Edit]) -> str:
    if not edits:
        return module.source.text
    context = Context(taken=_taken(module))
    renaming = Renaming(conversion.project, conversion.package)
    for home, name in sorted(conversion.plan.imports.get(module.name, ())):
        context.use(renaming.name(home) or home, name)
    try:
        assert module.source.tree is not None
        text = apply_edits(module.source.text, module.source.tree, edits, context)
        text = add_imports(text, context)
        ast.parse(text)
    except MigratorError as error:
        conversion.findings.append(
            Finding(module.path, 1, 1, error.code, f"{error.what} {error.why}", hint=error.hint)
        )
        return module.source.text
    return text


def _taken(module: Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, binding in module.bindings.items():
        if isinstance(binding, Import):
            names[name] = f"{binding.module}.{binding.name}" if binding.name else binding.module
        else:
            names[name] = ""
    return names
