"""Set-up statements that only a Flask application understands: extensions, WSGI middleware."""

from __future__ import annotations

import ast

from migrator.index.definitions import ExternalName, Module
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.queries.step import Action
from migrator.surface import extensions
from migrator.surface.actions import Actions
from migrator.surface.machine import Machine
from migrator.surface.settings import WIRE_SETTINGS
from migrator.surface.values import Instance


def plan_setup(project: Project, machine: Machine, actions: Actions) -> None:
    """Plan what is dropped from the set-up code."""
    for use in machine.extension_uses:
        if use.effect not in {"supported", "keep"} and not use.is_own:
            _drop(actions, use.module, use.node, use.dotted)
    for owner, node, module in machine.extension_calls:
        if extensions.refusal(owner.dotted) is not None or extensions.effect(owner.dotted) == "dev":
            _drop(actions, module, node, owner.dotted)
    for setting in machine.settings:
        if setting.name == "wsgi_app" or setting.name in WIRE_SETTINGS:
            code, what = (
                ("MIG416", "WSGI middleware")
                if setting.name == "wsgi_app"
                else ("MIG417", f"app.{setting.name}")
            )
            actions.remove(
                setting.module,
                setting.node,
                Action(
                    "drop_statement", {"comment": f"# migrator: {code}: {what} is left to Flask"}
                ),
            )
    _development_objects(project, machine, actions)


def _drop(actions: Actions, module: Module, node: ast.Call, dotted: str) -> None:
    effect = extensions.effect(dotted)
    code = "MIG410" if effect == "dev" else "MIG411" if effect else "MIG415"
    name = extensions.distribution(dotted) if effect else dotted
    text = f"# migrator: {code}: {name} stays with the legacy application"
    statement = actions.statement(module, node)
    if isinstance(statement, ast.Expr):
        actions.remove(module, statement, Action("drop_statement", {"comment": text}))
    elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is node:
        _replace(actions, module, statement, text)


def _replace(
    actions: Actions, module: Module, statement: ast.Assign | ast.AnnAssign, text: str
) -> None:
    """`migrate = Migrate(app, db)` becomes `migrate = None`: importers still find the name."""
    assert statement.value is not None
    if actions.is_removed(statement.value):
        return
    actions.removed.update(id(n) for n in walk(statement.value))
    actions.add(module, statement, Action("drop_value", {"comment": text}))


def _development_objects(project: Project, machine: Machine, actions: Actions) -> None:
    """`migrate = Migrate()`: an object that nothing in the target calls any more."""
    for name, frame in machine.frames.items():
        module = project.modules[name]
        for value in frame.names.values():
            if (
                isinstance(value, Instance)
                and value.module is module
                and isinstance(value.node, ast.Call)
                and extensions.effect(value.dotted) == "dev"
            ):
                target = project.resolve(module, value.node.func)
                statement = actions.statement(module, value.node)
                if isinstance(target, ExternalName) and isinstance(
                    statement, ast.Assign | ast.AnnAssign
                ):
                    distribution = extensions.distribution(value.dotted)
                    _replace(
                        actions,
                        module,
                        statement,
                        f"# migrator: MIG410: {distribution} stays with the legacy application",
                    )
