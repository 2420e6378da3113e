"""Route decorators in FastAPI's syntax, and types for the views' path parameters."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.project import Project
from migrator.index.signature import parameters, positional
from migrator.index.walk import walk
from migrator.queries.step import Action
from migrator.surface import class_views, rules
from migrator.surface.actions import Actions
from migrator.surface.model import Surface
from migrator.surface.reach import Reach
from migrator.surface.urls import Mounted, UrlMap
from migrator.surface.values import Const, Dict


def plan_routes(
    project: Project, surface: Surface, urls: UrlMap, reach: Reach, actions: Actions
) -> None:
    """Plan the route decorators and the signatures of the views that are converted."""
    custom = urls.converters
    by_function: dict[str, list[Mounted]] = defaultdict(list)
    for mounted in urls.mounted:
        if mounted.route is not None and mounted.endpoint.function not in surface.left:
            by_function[mounted.endpoint.function].append(mounted)
    for key, group in by_function.items():
        info = project.functions.get(key)
        if info is None:
            cls = project.classes.get(key)
            if cls is not None and not project.subclasses(cls):
                _methods(cls, group, custom, actions)
            continue
        decorators = {}
        for index, decorator in enumerate(info.node.decorator_list):
            if any(m.route is not None and m.route.node is decorator for m in group):
                changed = route_arguments(
                    decorator, custom, _disagrees(info, group), _gets_more(project, info, group)
                )
                if changed is not None:
                    decorators[index] = changed
        if decorators:
            actions.add(info.module, info.node, Action("flask_route", {"decorators": decorators}))
        if reach.needs_context(key):
            routes = {id(m.route.node) for m in group if m.route is not None}
            above = [i for i, d in enumerate(info.node.decorator_list) if id(d) in routes]
            actions.add(
                info.module,
                info.node,
                Action("flask_context", {"index": max(above, default=-1) + 1}),
            )
        types = parameter_types(info, group, custom)
        if types:
            actions.add(info.module, info.node, Action("flask_parameters", {"types": types}))


def _methods(
    cls: ClassInfo, group: list[Mounted], custom: Collection[str], actions: Actions
) -> None:
    """Types for the path parameters of a class-based view's own methods."""
    for name in ("dispatch_request", *class_views.HTTP_METHODS):
        method = cls.methods.get(name)
        types = parameter_types(method, group, custom) if method is not None else {}
        if method is not None and types:
            actions.add(method.module, method.node, Action("flask_parameters", {"types": types}))


def route_arguments(
    decorator: ast.expr,
    custom: Collection[str],
    annotated: bool,
    plain: bool,
) -> dict[str, Any] | None:
    """What a route decorator becomes; None where it stays, which the target understands too.

    The path stays in Flask's syntax where FastAPI's can't say it: converters with arguments,
    `custom` ones, and `annotated` parameters whose type is not what the URL gives, which FastAPI
    would convert. A `plain` view has parameters that FastAPI would take from elsewhere.
    """
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return None
    # Flask's own names call the view as Flask does.
    kept = {"plain": True} if plain and decorator.func.attr != "route" else None
    if not decorator.args or any(k.arg is None for k in decorator.keywords):
        return kept
    first = decorator.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return kept
    rule = first.value
    if "{" in rule:
        return kept
    in_fastapi = all(v.in_fastapi and v.converter not in custom for v in rules.variables(rule))
    if in_fastapi and not annotated:
        rule = rules.fastapi_path(rule)
    result: dict[str, Any] = {"path": rule}
    if plain:
        result["plain"] = True
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


def _disagrees(info: FunctionInfo, group: list[Mounted]) -> bool:
    """Whether the view has types of its own that are not those of its URLs' values."""
    given = {
        variable.name: variable.annotation
        for mounted in group
        for variable in rules.variables(mounted.endpoint.rule)
    }
    return any(
        argument.annotation is not None
        and argument.arg in given
        and ast.unparse(argument.annotation).rpartition(".")[2]
        != given[argument.arg].rpartition(".")[2]
        for argument in parameters(info.node.args)
    )


def _gets_more(project: Project, info: FunctionInfo, group: list[Mounted]) -> bool:
    """Whether the view looks like one that FastAPI gives something beside the URL's values.

    A decorator or a hook gives it those, its default holds whatever the query says, and a model
    that it returns is the decorator's to write out.
    """
    given = {v.name for mounted in group for v in rules.variables(mounted.endpoint.rule)}
    for mounted in group:
        defaults = mounted.route.options.get("defaults") if mounted.route is not None else None
        if isinstance(defaults, Dict):
            given.update(map(str, defaults.items))
    arguments = info.node.args
    by_position = positional(arguments)
    optional = {a.arg for a in by_position[len(by_position) - len(arguments.defaults) :]}
    optional |= {
        a.arg
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    }
    return any(
        a.arg not in given and (a.arg not in optional or a.annotation is not None)
        for a in [*by_position, *arguments.kwonlyargs]
    ) or _is_pydantic(project, info)


def _is_pydantic(project: Project, info: FunctionInfo) -> bool:
    """Whether the view says that it returns a model of pydantic."""
    returns = info.node.returns
    if returns is None:
        return False
    named = [n for n in walk(returns) if isinstance(n, ast.Name | ast.Attribute)]
    classes = [project.resolve(info.module, n) for n in named]
    return any(
        base.startswith("pydantic.")
        for cls in classes
        if isinstance(cls, ClassInfo)
        for base in project.external_bases(cls)
    )


def parameter_types(
    info: FunctionInfo, group: list[Mounted], custom: Collection[str]
) -> dict[str, str]:
    """Types for the parameters that the view's rules give, where all of them agree."""
    found: dict[str, set[str]] = defaultdict(set)
    for mounted in group:
        for variable in rules.variables(mounted.endpoint.rule):
            own = variable.converter in custom
            found[variable.name].add("" if own else variable.annotation)
        defaults = mounted.route.options.get("defaults") if mounted.route is not None else None
        if isinstance(defaults, Dict):
            for name, value in defaults.items.items():
                given = value.value if isinstance(value, Const) else None
                plain = isinstance(given, int | float | str)
                found[str(name)].add(type(given).__name__ if plain else "")
    types = {}
    for argument in parameters(info.node.args):
        kinds = found.get(argument.arg, set())
        if argument.annotation is None and len(kinds) == 1 and "" not in kinds:
            types[argument.arg] = next(iter(kinds))
    return types
