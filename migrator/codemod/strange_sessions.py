"""Extensions that make sessions and that nobody knows: what they connect by is theirs."""

from __future__ import annotations

import ast

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.colour.names import DB_CLASSES
from migrator.colour.session_calls import is_session_call
from migrator.index.definitions import ExternalName, Variable
from migrator.index.project import Project
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes

#: What is converted, or has been.
_KNOWN = ("sqlalchemy.", "migrator.", *DB_CLASSES)


def strange_sessions(conversion: Conversion) -> list[Finding]:
    """A finding for each object of another distribution whose sessions are asked for rows."""
    if conversion.surface is None:
        return []
    found: dict[tuple[str, str], Finding] = {}
    project = conversion.project
    for module in project.modules.values():
        if is_test(module):
            continue
        scopes = Scopes(project, module)
        for node in module.of(ast.Call):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(value=owner)) as func) if (
                    is_session_call(func)
                ):
                    variable = scopes.resolve(owner)
                    if isinstance(variable, Variable):
                        key = (variable.module, variable.name)
                        if key not in found and (finding := _of(project, variable)):
                            found[key] = finding
    return list(found.values())


def _of(project: Project, variable: Variable) -> Finding | None:
    home = project.modules[variable.module]
    if not isinstance(variable.value, ast.Call):
        return None
    made = project.resolve(home, variable.value.func)
    if not isinstance(made, ExternalName) or made.dotted.startswith(_KNOWN):
        return None
    return finding_at(
        home,
        variable.value,
        "MIG110",
        f"The sessions of {made.dotted} stay as they are: over its own driver, whose waiting "
        "for the database keeps the event loop waiting too.",
        hint="Make the sessions with Flask-SQLAlchemy or SQLAlchemy itself, then convert again.",
    )
