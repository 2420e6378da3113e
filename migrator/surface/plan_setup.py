"""Set-up statements that only a Flask application understands: extensions, WSGI middleware."""

from __future__ import annotations

import ast

from migrator.index.definitions import ExternalName, Module
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.queries.step import Action
from migrator.surface import extensions
from migrator.surface.actions import Actions, imported_elsewhere, mentioned
from migrator.surface.machine import ExtensionUse, Machine
from migrator.surface.settings import WIRE_SETTINGS
from migrator.surface.values import Instance


def plan_setup(project: Project, machine: Machine, actions: Actions) -> None:
    """Plan what is dropped from the set-up code."""
    for use in _left_behind(machine):
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


def plan_objects(project: Project, machine: Machine, actions: Actions) -> None:
    """Plan what becomes of the objects that are made with the application, when all that leaves is known."""
    for use in _left_behind(machine):
        statement = actions.statement(use.module, use.node)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is use.node:
            given = _application(use)
            if given and use.effect != "dev" and _used(project, actions, use.module, statement):
                actions.add(use.module, use.node, Action("without_application", given))
            else:
                _replace(actions, use.module, statement, _comment(use.dotted))


def _left_behind(machine: Machine) -> list[ExtensionUse]:
    return [
        use
        for use in machine.extension_uses
        if use.effect not in {"supported", "keep"} and not use.is_own
    ]


def _application(use: ExtensionUse) -> dict[str, object]:
    """Which argument of the call is the application; empty where none is."""
    if use.instance is None or any(isinstance(a, ast.Starred) for a in use.node.args):
        return {}
    for place, value in enumerate(use.instance.args):
        if value is use.app and place < len(use.node.args):
            return {"place": place}
    named = [k for k, v in use.instance.keywords.items() if v is use.app]
    return {"keyword": named[0]} if named else {}


def _used(
    project: Project, actions: Actions, module: Module, statement: ast.Assign | ast.AnnAssign
) -> bool:
    """Whether anything that stays asks for the object afterwards."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    around = [
        f.node
        for f in project.functions.values()
        if f.module is module and any(n is statement for n in walk(f.node))
    ]
    tree = min(around, key=lambda f: len(walk(f)), default=module.source.tree)
    assert tree is not None
    for target in targets:
        match target:
            case ast.Name(id=name):
                outside = not around and imported_elsewhere(project, module, name)
                if outside or mentioned(actions, tree, name):
                    return True
            case ast.Attribute(attr=name):
                if any(
                    isinstance(node, ast.Attribute)
                    and isinstance(node.ctx, ast.Load)
                    and not actions.is_removed(node)
                    for _, node in project.uses_of(name)
                ):
                    return True
            case _:
                return True
    return False


def _drop(actions: Actions, module: Module, node: ast.Call, dotted: str) -> None:
    statement = actions.statement(module, node)
    if isinstance(statement, ast.Expr):
        comment = _comment(dotted)
        actions.remove(module, statement, Action("drop_statement", {"comment": comment}))


def _comment(dotted: str) -> str:
    effect = extensions.effect(dotted)
    code = "MIG410" if effect == "dev" else "MIG411" if effect else "MIG415"
    name = extensions.distribution(dotted) if effect else dotted
    return f"# migrator: {code}: {name} stays with the legacy application"


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
