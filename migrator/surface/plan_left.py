"""Taking what stays on the mount out of the target: views, hooks of extensions, class-based views."""

from __future__ import annotations

import ast
from collections import defaultdict

from migrator.index.definitions import ClassInfo, FunctionInfo, Module
from migrator.index.project import Project
from migrator.queries.step import Action, Refusal
from migrator.surface.actions import Actions, imported_elsewhere, mentioned
from migrator.surface.model import Surface
from migrator.surface.reach import Reach
from migrator.surface.urls import UrlMap, view_key
from migrator.surface.values import Hook, Route


def plan_left(
    project: Project,
    surface: Surface,
    urls: UrlMap,
    reach: Reach,
    actions: Actions,
    *,
    hooks: bool = True,
) -> None:
    """Plan the removal of every left view and, with `hooks`, of those that can't leave Flask."""
    nodes: dict[str, set[int]] = defaultdict(set)
    for mounted in urls.mounted:
        key = mounted.endpoint.function
        if mounted.route is None:
            continue
        if key in surface.left:
            nodes[key].add(id(mounted.route.node))
            _statement(actions, mounted.route.module, mounted.route.node, surface.left[key])
        elif hooks and mounted.endpoint.refusal is not None and not key:
            _foreign(mounted.route, mounted.endpoint.refusal, actions)
    for key, refusal in surface.left.items():
        _definition(project, key, refusal, nodes[key], actions)
    for placed in urls.placed if hooks else ():
        for hook in placed.scaffold.hooks:
            _hook(project, hook, reach, actions)


def comment(refusal: Refusal) -> str:
    """What stands where a left view stood."""
    return f"# migrator: left on the mount, {refusal.code}: {refusal.reason}"


def _statement(actions: Actions, module: Module, node: ast.AST, refusal: Refusal) -> None:
    """Drop `bp.add_url_rule(...)` where it is a statement of its own."""
    statement = actions.statement(module, node)
    if isinstance(statement, ast.Expr) and statement.value is node:
        actions.remove(module, statement, Action("drop_statement", {"comment": comment(refusal)}))


def _foreign(route: Route, refusal: Refusal, actions: Actions) -> None:
    """Drop the rule of a view that is none of the repository's: the converted side would serve it."""
    function = route.node.func
    if isinstance(function, ast.Attribute) and function.attr == "add_url_rule":
        _statement(actions, route.module, route.node, refusal)


def _definition(
    project: Project, key: str, refusal: Refusal, routes: set[int], actions: Actions
) -> None:
    info: FunctionInfo | ClassInfo | None = project.functions.get(key) or project.classes.get(key)
    if info is None:
        return
    if not _needed(project, info, actions):
        actions.remove(info.module, info.node, Action("flask_left", {"comment": comment(refusal)}))
        return
    indexes = [i for i, d in enumerate(info.node.decorator_list) if id(d) in routes]
    if indexes:
        actions.add(
            info.module,
            info.node,
            Action("drop_decorators", {"indexes": indexes, "comment": comment(refusal)}),
        )


def _needed(project: Project, info: FunctionInfo | ClassInfo, actions: Actions) -> bool:
    """Whether something else than its own registration uses a definition."""
    if isinstance(info, FunctionInfo) and info.parent is not None:
        return mentioned(actions, info.parent.node, info.name, info.node)
    tree = info.module.source.tree
    assert tree is not None
    if mentioned(actions, tree, info.name, info.node):
        return True
    return imported_elsewhere(project, info.module, info.name)


def _hook(project: Project, hook: Hook, reach: Reach, actions: Actions) -> None:
    key = view_key(hook.view)
    refusal = reach.function(key) if key else None
    if refusal is None and isinstance(hook.node, ast.Call) and hook.node.args:
        refusal = reach.expression(hook.module, hook.node.args[0])
    if refusal is None or hook.kind in {"command", "shell"}:
        return
    info = project.functions.get(key)
    if isinstance(hook.decorates, ast.FunctionDef | ast.AsyncFunctionDef) and info is not None:
        if _needed(project, info, actions):
            indexes = [
                i
                for i, d in enumerate(info.node.decorator_list)
                if d is hook.node or (isinstance(hook.node, ast.Call) and d is hook.node.func)
            ]
            actions.add(
                info.module,
                info.node,
                Action("drop_decorators", {"indexes": indexes, "comment": comment(refusal)}),
            )
        else:
            actions.remove(
                info.module, info.node, Action("flask_left", {"comment": comment(refusal)})
            )
        return
    _statement(actions, hook.module, hook.node, refusal)
