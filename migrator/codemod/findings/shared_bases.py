"""Models on a base of another distribution: there is one of it in a process, and so one of each table."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.declared import DECLARATIVE, declared_by
from migrator.index.definitions import ClassInfo, ExternalName, Module, dotted
from migrator.index.project import Project
from migrator.surface.application import is_test

#: Distributions whose classes have no MetaData.
_OF_NOBODY = ("builtins.", "typing", "abc.", "enum.", "sqlalchemy.", "flask_login.")


def shared_bases(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each such base, where its first model stands."""
    project = conversion.project
    if conversion.surface is None or conversion.package in {"", project.package}:
        return
    found: dict[str, list[ClassInfo]] = {}
    for model in conversion.state.models.by_key.values():
        if not is_test(model.info.module) and (base := _shared(project, model.info)):
            found.setdefault(base, []).append(model.info)
    for base, models in found.items():
        others = f", as {len(models) - 1} more do" if len(models) > 1 else ""
        yield finding_at(
            models[0].module,
            models[0].node,
            "MIG120",
            f"{models[0].name} derives from {base}{others}: both packages define their tables on its one "
            "MetaData, and so the second one that a process imports raises InvalidRequestError.",
            hint="Derive the models from a base of the application's own.",
        )


def _shared(project: Project, cls: ClassInfo) -> str:
    """The base of another distribution that has its MetaData; "" where the repository makes it."""
    classes = project.mro(cls)
    written = [(c.module, base) for c in classes for base in c.node.bases]
    if any(dotted(base).partition(".")[0] in _for_types(module) for module, base in written):
        return ""  # `if TYPE_CHECKING: from company.models import Base`: in a run it is something else.
    bases = [project.resolve(module, base) for module, base in written]
    strange = [b.dotted for b in bases if isinstance(b, ExternalName)]
    if any(declared_by(c.node) for c in classes) or any(b.endswith(DECLARATIVE) for b in strange):
        return ""
    if any(not isinstance(b, ExternalName | ClassInfo) for b in bases):
        # What an object or a call gives is made for each package: `db.Model`, `declarative_base()`.
        return ""
    shared = [b for b in strange if not b.startswith(_OF_NOBODY)]
    return min(shared, key=lambda b: b.endswith("Mixin"), default="")


def _for_types(module: Module) -> set[str]:
    """The names that a module imports for type checkers alone."""
    return {
        alias.asname or alias.name.partition(".")[0]
        for block in module.of(ast.If)
        if dotted(block.test).endswith("TYPE_CHECKING")
        for statement in block.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
    }
