"""Blueprints and routes that the application's URL map does not hold: registered out of our sight."""

from __future__ import annotations

import ast

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import Import, Module
from migrator.index.project import Project
from migrator.surface import class_views
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes

_OTHER_CONNEXION = frozenset({"connexion.AsyncApp", "connexion.AioHttpApp"})
_BLUEPRINT = frozenset({"flask.Blueprint", "flask.blueprints.Blueprint"})


def unseen_blueprints(conversion: Conversion) -> list[Finding]:
    """A finding for each blueprint in use of which no endpoint and no hook was found."""
    project, surface = conversion.project, conversion.surface
    if surface is not None and surface.frame == "flask":
        # Whatever registers it, the converted application has it as the legacy one does.
        return []
    known: set[str] = set()
    if surface is not None:
        for endpoint in surface.endpoints:
            known.update(endpoint.endpoint.split(".")[:-1])
        for entry in surface.entries.values():
            known.update(entry.scope.split("."))
    found = []
    # The application of what was converted before is no longer one of Flask's.
    ours = [
        module
        for module in project.modules.values()
        if module.name not in conversion.converted and not is_test(module)
    ]
    for module in ours:
        if not module.source.says("Blueprint"):
            continue
        for statement, variable, name in _blueprints(project, module):
            if name not in known and _used(module, variable):
                found.append(_finding(module, statement, name, surface is not None))
    if surface is None and not found:
        return _without_application(project, ours)
    return found


def _without_application(project: Project, modules: list[Module]) -> list[Finding]:
    """A finding for routes of nothing that we know: of another class than Flask's, say."""
    routes = [
        (module, decorator)
        for module in modules
        if imports_flask(module)
        for function in module.functions
        for decorator in function.node.decorator_list
        if is_route(decorator)
    ]
    if not routes:
        return _asynchronous_connexion(project, modules)
    module, first = routes[0]
    return [
        finding_at(
            module, first, "MIG109",
            f"The {len(routes)} routes of this package are not converted: nothing in it makes an "
            "application of Flask.",
            hint="Convert the folder that holds the application too, or name that with --app.",
        )
    ]  # fmt: skip


def _asynchronous_connexion(project: Project, modules: list[Module]) -> list[Finding]:
    """A finding for connexion's applications that are none of Flask: documents give them their routes."""
    return [
        finding_at(
            module, node, "MIG109",
            f"The routes of this package are not converted: {target} makes an application "
            "that is none of Flask. Its documents go on naming the functions of this package.",
            hint="Serve it as it is, or make it by connexion.FlaskApp.",
        )
        for module in modules
        if module.source.says("connexion")
        for scopes in [project.derived(Scopes, module)]
        for node in module.of(ast.Call)
        if (target := scopes.external(node.func)) in _OTHER_CONNEXION
    ]  # fmt: skip


def imports_flask(module: Module) -> bool:
    """Whether it has anything from Flask or from what is built on it (`apiflask`)."""
    imports = [b.module for b in module.bindings.values() if isinstance(b, Import)]
    return any("flask" in name.partition(".")[0] for name in imports)


def is_route(decorator: ast.expr) -> bool:
    """`@x.route("/orders")`, or `@x.get("/orders")`."""
    match decorator:
        case ast.Call(func=ast.Attribute(attr=attr), args=[ast.Constant(value=str(rule)), *_]) if (
            attr in ("route", *class_views.HTTP_METHODS)
        ):
            return rule.startswith("/")
    return False


def _blueprints(project: Project, module: Module) -> list[tuple[ast.Assign, str, str]]:
    """Each `variable = Blueprint("name", ...)` of a module, inside functions too."""
    found = []
    scopes = project.derived(Scopes, module)
    for statement in module.nodes:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=variable)],
                value=ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]),
            ):
                if scopes.external(function) in _BLUEPRINT:
                    found.append((statement, variable, name))
    return found


def _used(module: Module, variable: str) -> bool:
    """Whether its module does anything with a blueprint."""
    return any(
        isinstance(node, ast.Name) and node.id == variable and isinstance(node.ctx, ast.Load)
        for node in module.nodes
    )


def _finding(module: Module, statement: ast.Assign, name: str, application: bool) -> Finding:
    why = (
        "the application does not register it in a way that can be followed"
        if application
        else "no application was found that registers it"
    )
    return finding_at(
        module,
        statement,
        "MIG418",
        f"The endpoints of blueprint {name!r} are not converted: {why}.",
        hint="Convert the folder in which the application is made; register it there by its own name, or "
        "name that place with --app.",
    )
