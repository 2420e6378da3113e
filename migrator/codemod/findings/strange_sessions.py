"""Extensions that make sessions and that nobody knows: what they connect by is theirs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import Module, Variable
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes
from migrator.types.names import made_by
from migrator.types.session_calls import is_session_call


def strange_sessions(conversion: Conversion) -> list[Finding]:
    """A finding for each object of another distribution whose sessions are asked for rows."""
    if conversion.surface is None:
        return []
    found: dict[tuple[str, str], Finding] = {}
    project = conversion.project
    for module in project.modules.values():
        if is_test(module):
            continue
        scopes = project.derived(Scopes, module)
        for owner in _asked(module):
            variable = scopes.resolve(owner)
            if isinstance(variable, Variable):
                key = (variable.module, variable.name)
                if key not in found and (made := made_by(project, variable)):
                    found[key] = _of(project.modules[variable.module], variable, made)
    return list(found.values())


def _asked(module: Module) -> Iterator[ast.expr]:
    """The `x` of each `x.session` that is asked for rows here, or that a function is given."""
    for node in module.of(ast.Call) if module.source.says("session") else ():
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=owner)) as func) if (
                is_session_call(func)
            ):
                yield owner
        for given in (*node.args, *(k.value for k in node.keywords)):
            match given:
                case ast.Attribute(value=owner, attr="session"):
                    yield owner


def _of(home: Module, variable: Variable, made: str) -> Finding:
    assert variable.value is not None
    return finding_at(
        home,
        variable.value,
        "MIG110",
        f"The sessions of {made} stay as they are: over its own driver, whose waiting "
        "for the database keeps the event loop waiting too.",
        hint="Make the sessions with Flask-SQLAlchemy or SQLAlchemy itself, then convert again.",
    )
