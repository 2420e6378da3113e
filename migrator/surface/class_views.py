"""Class-based views: which convert, what runs for a request, and which methods have to stay sync."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.index.definitions import ClassInfo, ExternalName, FunctionInfo, Module
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.queries.step import Refusal
from migrator.surface.actions import statements
from migrator.surface.application import is_test
from migrator.surface.decorators import ASYNC_SAFE
from migrator.surface.namespaces import RESOURCES
from migrator.surface.values import ClassValue, Value

#: Flask's, which APIFlask has under names of its own.
METHOD_VIEWS = frozenset({"flask.views.MethodView", "apiflask.views.MethodView"})
BASES = METHOD_VIEWS | {"flask.views.View", "apiflask.views.View"}
#: Bases beside Flask's that change nothing about how a view is made or run.
_HARMLESS = frozenset({"object", "builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})
HTTP_METHODS = ("get", "post", "head", "options", "delete", "put", "trace", "patch")
_HINT = "rewrite it as functions, one for each method, and convert again"


def is_view(project: Project, cls: ClassInfo) -> bool:
    """Whether a class derives from Flask's View or MethodView."""
    return not BASES.isdisjoint(project.external_bases(cls))


def refusal(project: Project, cls: Value) -> Refusal | None:
    """Why a class-based view has to stay on the mount, None when it converts."""
    if not isinstance(cls, ClassValue):
        return Refusal("MIG402", "its class is not one of this repository", _HINT)
    bases = project.external_bases(cls.info)
    if not RESOURCES.isdisjoint(bases):
        return Refusal("MIG405", "a resource of Flask-RESTful or Flask-RESTX", _HINT)
    if BASES.isdisjoint(bases):
        return Refusal("MIG402", "its class is no View of Flask's", _HINT)
    foreign = sorted({*bases} - BASES - _HARMLESS)
    if foreign:
        return Refusal("MIG402", f"its class derives from {foreign[0]}", _HINT)
    for owner in project.mro(cls.info):
        if owner.node.decorator_list:
            return Refusal("MIG402", f"its class {owner.name} is decorated", _HINT)
        if owner.node.keywords:
            return Refusal("MIG402", f"its class {owner.name} has a metaclass or arguments", _HINT)
        if "as_view" in owner.methods:
            return Refusal("MIG402", f"its class {owner.name} has an as_view of its own", _HINT)
    return None


def methods(project: Project, cls: ClassInfo) -> list[FunctionInfo]:
    """Every method of the class and of its ancestors in the repository, overridden ones too."""
    return [method for owner in project.mro(cls) for method in owner.methods.values()]


def functions(project: Project, key: str) -> list[str]:
    """The keys of what belongs to a view: the function itself, or the methods of the class."""
    cls = project.classes.get(key)
    return [key] if cls is None else [method.key for method in methods(project, cls)]


def handlers(project: Project, cls: ClassInfo, served: Iterable[str]) -> list[FunctionInfo]:
    """The methods that run for requests of the given HTTP methods."""
    made = project.method(cls, "__init__")
    return [*([made] if made is not None else ()), *entries(project, cls, served)]


def entries(
    project: Project, cls: ClassInfo, served: Iterable[str] = HTTP_METHODS
) -> list[FunctionInfo]:
    """The methods that a request may run with the values of its URL."""
    names = ["dispatch_request"]
    bases = project.external_bases(cls)
    # A view class of somebody else, a resource, dispatches like a MethodView.
    if not METHOD_VIEWS.isdisjoint(bases) or BASES.isdisjoint(bases):
        names += [name.lower() for name in served]
    found = [project.method(cls, name) for name in names]
    return [method for method in found if method is not None]


def decorators(project: Project, cls: ClassInfo) -> tuple[ClassInfo, list[ast.expr]] | None:
    """The class with the `decorators` list and its items, innermost first; None if it is no list."""
    for owner in project.mro(cls):
        if "decorators" in owner.attributes:
            value = owner.attributes["decorators"][1]
            if isinstance(value, ast.List | ast.Tuple) and not any(
                isinstance(item, ast.Starred) for item in value.elts
            ):
                return owner, list(value.elts)
            return None
    return cls, []


def around_methods(project: Project, method: FunctionInfo) -> Iterator[tuple[Module, ast.expr]]:
    """What classes list to be put around this method of theirs, bound to its object: decorators, and where.

    Flask's views have `decorators`, which get the view; resources have `method_decorators`.
    """
    owner = method.owner
    if owner is None or method.name not in {"dispatch_request", *HTTP_METHODS}:
        return
    for cls in (owner, *project.subclasses(owner)):
        listed = decorators(project, cls) if is_view(project, cls) else None
        if listed is not None:
            yield from ((listed[0].module, decorator) for decorator in listed[1])
        if is_resource(project, cls):
            for above in project.mro(cls):
                found = method_decorators(above, method.name)
                yield from ((above.module, decorator) for decorator in found)


def innermost_around(project: Project, method: FunctionInfo) -> list[tuple[Module, ast.expr]]:
    """What every resource that has this method puts around it first; nothing where one of them puts nothing."""
    found: list[tuple[Module, ast.expr]] = []
    owner = method.owner
    if owner is None or method.name not in HTTP_METHODS:
        return found
    for cls in (owner, *project.subclasses(owner)):
        if not is_resource(project, cls):
            continue
        listing = (c for c in project.mro(cls) if "method_decorators" in c.attributes)
        above = next(listing, None)
        listed = method_decorators(above, method.name) if above is not None else []
        if above is None or not listed:
            return []
        found.append((above.module, listed[0]))
    return found


def is_resource(project: Project, cls: ClassInfo) -> bool:
    """Whether a class derives from a resource of Flask-RESTful or Flask-RESTX."""
    return not RESOURCES.isdisjoint(project.external_bases(cls))


def method_decorators(cls: ClassInfo, method: str = "") -> list[ast.expr]:
    """What a class lists to be put around a method of a resource, or around any: a list, or one for each.

    Semantics: https://flask-restful.readthedocs.io/en/latest/extending.html
    """
    _, value = cls.attributes.get("method_decorators", (None, None))
    lists: list[ast.expr | None] = [value]
    if isinstance(value, ast.Dict):
        keyed = zip(value.keys, value.values, strict=True)
        lists = [given for key, given in keyed if not method or _may_be(key, method)]
    return [d for given in lists if isinstance(given, ast.List | ast.Tuple) for d in given.elts]


def _may_be(key: ast.expr | None, name: str) -> bool:
    return not isinstance(key, ast.Constant) or key.value == name


def forced_sync(project: Project, cls: ClassInfo, on_flask: bool) -> Refusal | None:
    """Why the methods of a class must stay sync whatever is around it.

    Flask's own `dispatch_request` awaits the method and returns its result.
    """
    telling = {"getattr"} if on_flask else {"super", "getattr"}
    for owner in project.mro(cls):
        method = owner.methods.get("dispatch_request")
        if method is not None and any(
            isinstance(n, ast.Name) and n.id in telling for n in walk(method.node)
        ):
            return Refusal(
                "MIG518",
                f"{owner.name}.dispatch_request calls the methods by itself and would not await them",
                "Do its work in a decorator or in a hook, then convert again.",
            )
    return None


def handed_over(project: Project) -> frozenset[str]:
    """The keys of classes whose view function is handed to something else than a registration.

    "" among them stands for a class that can't be told.
    """
    found: set[str] = set()
    for module in project.modules.values():
        tree = module.source.tree
        if tree is None or not module.source.says("as_view") or is_test(module):
            continue
        kept = set(_registered(project, module, tree))
        for node in walk(tree):
            if _is_as_view(node) and id(node) not in kept:
                assert isinstance(node, ast.Call)
                assert isinstance(node.func, ast.Attribute)
                cls = project.resolve(module, node.func.value)
                found.add(cls.key if isinstance(cls, ClassInfo) else "")
    return frozenset(found)


def _is_as_view(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "as_view"
    )


def _registered(project: Project, module: Module, tree: ast.Module) -> Iterator[int]:
    """Ids of the `X.as_view(...)` whose result is only given to `add_url_rule`."""
    for node in walk(tree):
        if isinstance(node, ast.Call) and _is_registration(node.func):
            for argument in [*node.args, *(k.value for k in node.keywords)]:
                made = _unwrapped(project, module, argument)
                if _is_as_view(made):
                    yield id(made)
    scopes = [n for n in walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for statement in statements(tree):
        if not isinstance(statement, ast.Assign) or not _is_as_view(statement.value):
            continue
        target = statement.targets[0]
        scope: ast.AST = next(
            (s for s in reversed(scopes) if any(n is statement for n in walk(s))), tree
        )
        if (
            len(statement.targets) == 1
            and isinstance(target, ast.Name)
            and _only_registered(project, module, scope, target.id)
        ):
            yield id(statement.value)


def _is_registration(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "add_url_rule"


def _unwrapped(project: Project, module: Module, node: ast.expr) -> ast.expr:
    """`X.as_view(...)` in `login_required(X.as_view(...))`: that decorator returns what it is given."""
    while isinstance(node, ast.Call) and not _is_as_view(node) and len(node.args) == 1:
        target = project.resolve(module, node.func)
        if not isinstance(target, ExternalName) or target.dotted not in ASYNC_SAFE:
            break
        node = node.args[0]
    return node


def _only_registered(project: Project, module: Module, scope: ast.AST, name: str) -> bool:
    given = {
        id(_unwrapped(project, module, argument))
        for node in walk(scope)
        if isinstance(node, ast.Call) and _is_registration(node.func)
        for argument in [*node.args, *(k.value for k in node.keywords)]
    }
    return all(
        id(node) in given
        for node in walk(scope)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    )
