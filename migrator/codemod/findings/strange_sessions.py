"""Sessions of other distributions, which their extensions make or that are imported: what they connect by is theirs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import ExternalName, Module, Variable
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes
from migrator.types.names import made_by
from migrator.types.session_calls import is_session_call

_OWN = "Make the sessions with Flask-SQLAlchemy or SQLAlchemy itself, then convert again."
_TOGETHER = "Convert a folder that has its source too, as a package beside the application; or keep what asks it on the mount."
#: Whose sessions are of no database, and what stands for an object of the application's own.
_OTHERWISE = frozenset({"flask", "requests"})


def strange_sessions(conversion: Conversion) -> list[Finding]:
    """A finding for each object of another distribution whose sessions are asked for rows, and each such session."""
    if conversion.surface is None:
        return []
    found: dict[str, Finding] = {}
    project = conversion.project
    for module in project.modules.values():
        if is_test(module):
            continue
        scopes = project.derived(Scopes, module)
        for owner in _asked(module):
            meant = scopes.resolve(owner)
            if isinstance(meant, Variable):
                key = f"{meant.module}:{meant.name}"
                if key not in found and (made := made_by(project, meant)):
                    assert meant.value is not None
                    home = project.modules[meant.module]
                    found[key] = _of(home, meant.value, f"The sessions of {made}", _OWN)
            elif (
                isinstance(meant, ExternalName) and meant.dotted.partition(".")[0] not in _OTHERWISE
            ):
                found.setdefault(meant.dotted, _imported(module, owner, meant.dotted))
    for facts in conversion.state.facts.values():
        home = project.modules[facts.key.partition(":")[0]]
        for fact in facts:
            if fact.kind == "outside" and isinstance(fact.node, ast.Call) and not is_test(home):
                whole = fact.name.removesuffix(".session") or "another distribution"
                found.setdefault(whole, _imported(home, fact.node, whole))
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


def _imported(module: Module, node: ast.expr, dotted: str) -> Finding:
    return _of(module, node, f"The sessions of {dotted}", _TOGETHER)


def _of(home: Module, node: ast.expr, which: str, hint: str) -> Finding:
    return finding_at(
        home,
        node,
        "MIG110",
        f"{which} stay as they are: over its own driver, whose waiting "
        "for the database keeps the event loop waiting too.",
        hint=hint,
    )
