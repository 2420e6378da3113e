"""Route decorators in FastAPI's syntax, and types for the views' path parameters."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import Any

from migrator.index.project import FunctionInfo, Project
from migrator.queries.step import Action
from migrator.surface import rules
from migrator.surface.actions import Actions
from migrator.surface.model import Surface
from migrator.surface.urls import Mounted, UrlMap


def plan_routes(project: Project, surface: Surface, urls: UrlMap, actions: Actions) -> None:
    """Plan the route decorators and the signatures of the views that are converted."""
    by_function: dict[str, list[Mounted]] = defaultdict(list)
    for mounted in urls.mounted:
        if mounted.route is not None and mounted.endpoint.function not in surface.left:
            by_function[mounted.endpoint.function].append(mounted)
    for key, group in by_function.items():
        info = project.functions.get(key)
        if info is None:
            continue
        decorators = {}
        for index, decorator in enumerate(info.node.decorator_list):
            if any(m.route is not None and m.route.node is decorator for m in group):
                changed = route_arguments(decorator)
                if changed is not None:
                    decorators[index] = changed
        if decorators:
            actions.add(info.module, info.node, Action("flask_route", {"decorators": decorators}))
        types = parameter_types(info, group)
        if types:
            actions.add(info.module, info.node, Action("flask_parameters", {"types": types}))


def route_arguments(decorator: ast.expr) -> dict[str, Any] | None:
    """What a route decorator becomes; None where it stays, which the target understands too."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return None
    if not decorator.args or any(k.arg is None for k in decorator.keywords):
        return None
    first = decorator.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    rule = first.value
    if "{" in rule or not all(v.supported for v in rules.variables(rule)):
        return None
    result: dict[str, Any] = {"path": rules.fastapi_path(rule)}
    if decorator.func.attr != "route":
        return result
    methods = ["GET"]
    for keyword in decorator.keywords:
        if keyword.arg == "methods":
            listed = literal_methods(keyword.value)
            if listed is None:
                return None
            methods = listed
    if len(methods) == 1 and methods[0].lower() in {"get", "post", "put", "patch", "delete"}:
        result["method"] = methods[0].lower()
    else:
        result["method"] = "api_route"
        result["methods"] = methods
    return result


def literal_methods(node: ast.expr) -> list[str] | None:
    """`["GET", "POST"]` as upper-case names; None for anything that is not a literal."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return None
    names = [e.value for e in node.elts if isinstance(e, ast.Constant)]
    if len(names) != len(node.elts) or not all(isinstance(n, str) for n in names):
        return None
    return list(dict.fromkeys(str(n).upper() for n in names))


def parameter_types(info: FunctionInfo, group: list[Mounted]) -> dict[str, str]:
    """Types for the parameters that the view's rules give, where all of them agree."""
    found: dict[str, set[str]] = defaultdict(set)
    for mounted in group:
        for variable in rules.variables(mounted.endpoint.rule):
            found[variable.name].add(variable.annotation if variable.supported else "")
    arguments = info.node.args
    own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    types = {}
    for argument in own:
        kinds = found.get(argument.arg, set())
        if argument.annotation is None and len(kinds) == 1 and "" not in kinds:
            types[argument.arg] = next(iter(kinds))
    return types
