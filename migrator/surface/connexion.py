"""Connexion: an application whose rules and functions stand in OpenAPI documents.

Connexion looks the functions up by their dotted names and calls them plainly, whatever they are.
What a resolver makes of a path and a method is not computed: every function that may be meant
counts, which costs it nothing but `@unbridged`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from migrator.index.definitions import FunctionInfo, Module
from migrator.index.files import DOCUMENTS
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.surface.application import is_test
from migrator.surface.documents import Document, Operation, names_function
from migrator.surface.machine import Api, Machine
from migrator.surface.model import Finding
from migrator.surface.names import CONNEXION
from migrator.surface.registrations import add_route
from migrator.surface.values import (
    Const,
    Dict,
    ExternalValue,
    FunctionValue,
    Hook,
    Items,
    Scaffold,
    Value,
)

#: What RestyResolver and its like call the functions of a path.
_BY_METHOD = frozenset(
    {"search", "get", "post", "put", "patch", "delete", "head", "options", "trace"}
)
_BY_RULE = ("RestyResolver", "MethodResolver", "MethodViewResolver")
_RESOLVERS = (*_BY_RULE, "RelativeResolver")
_LAST = re.compile(r"\w+")


def is_connexion(machine: Machine, app: Scaffold) -> bool:
    """Whether an application is made by connexion."""
    return any(use.dotted in CONNEXION and use.app is app for use in machine.extension_uses)


def register(
    project: Project, machine: Machine, app: Scaffold, documents: tuple[Document, ...]
) -> None:
    """Put the rules of the documents on the application, and what connexion may call by name."""
    apis = [api for api in machine.apis if api.app is app]
    for document in documents:
        name = PurePosixPath(document.path).name
        api = next((a for a in apis if _file(a) == name), apis[0] if len(apis) == 1 else None)
        node, module = (
            (api.call.node, api.call.module) if api is not None else (app.node, app.module)
        )
        given = api.call.keywords.get("base_path") if api is not None else None
        base = str(given.value or "") if isinstance(given, Const) else document.base
        for operation in document.operations:
            options: dict[str, Value] = {
                "rule": Const(f"{base.rstrip('/')}{operation.rule}"),
                "endpoint": Const(_endpoint(base, operation)),
                "methods": Items([Const(operation.method)]),
            }
            view = _view(project, machine, operation.name)
            add_route(app, "add_url_rule", options, view, node, module, None)
    for function in _called(project, apis, documents):
        value = FunctionValue(function, machine.run_module(function.module), function.name)
        machine.hooks.append(Hook("operation", value, app.node, function.module, "connexion"))


def missing(machine: Machine, app: Scaffold, documents: tuple[Document, ...]) -> Iterator[Finding]:
    """A finding for each document that is not below the converted folder."""
    for api in machine.apis:
        if api.app is not app or isinstance(_document(api), Dict):
            continue
        name = _file(api)
        if name in {PurePosixPath(d.path).name for d in documents} or (not name and documents):
            continue
        yield Finding(
            api.call.module.path,
            api.call.node.lineno,
            api.call.node.col_offset,
            "MIG425",
            f"The OpenAPI document {name or 'that is added here'} is not in the converted folder: "
            "what it names by its module is a function of the legacy package, and asgi.py refuses "
            "to start with it.",
            "",
            "Convert the folder that holds the document, or have it name the converted modules.",
        )


def _document(api: Api) -> Value:
    return api.call.argument(0, "specification")


def _file(api: Api) -> str:
    """The name of the document's file; "" where the source does not tell it."""
    given = _document(api)
    if isinstance(given, Const) and isinstance(given.value, str):
        return PurePosixPath(given.value).name
    # `HERE / "openapi.yaml"`: the last text of the expression that gives the path.
    texts = [
        node.value
        for argument in api.call.node.args[:1]
        for node in walk(argument)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    names = [PurePosixPath(text).name for text in texts if text.endswith(DOCUMENTS)]
    return names[-1] if names else ""


def _endpoint(base: str, operation: Operation) -> str:
    """As connexion calls it: the base path is its blueprint's name."""
    own = operation.name or f"{operation.method.lower()}{operation.rule}"
    return f"{base}.{own.replace('.', '_')}".lstrip(".")


def _view(project: Project, machine: Machine, name: str) -> Value:
    """The function of a dotted name; an external one where it is not found in the repository."""
    module, _, rest = _split(project, name)
    function = module.bindings.get(rest) if module is not None else None
    if module is None or not isinstance(function, FunctionInfo):
        return ExternalValue(name)
    return FunctionValue(function, machine.run_module(module), function.name)


def _split(project: Project, name: str) -> tuple[Module | None, str, str]:
    """The module that a dotted name begins with, what of the name that is, and the rest."""
    head, rest = name, ""
    while head:
        if head in project.modules:
            return project.modules[head], head, rest
        head, _, last = head.rpartition(".")
        rest = f"{last}.{rest}".rstrip(".")
    return None, "", name


def _called(
    project: Project, apis: list[Api], documents: tuple[Document, ...]
) -> Iterator[FunctionInfo]:
    """What connexion may call by its name: top-level functions, and methods where names reach so far.

    A resolver of the application's own may make up any name: then it is all that no code mentions.
    """
    resolvers = set(_resolvers(project))
    names = [name for document in documents for name in document.names]
    last = {_LAST.findall(name)[-1] for name in (*names, *_texts(project)) if _LAST.search(name)}
    unnamed = any(not o.name for document in documents for o in document.operations)
    if unnamed or not resolvers.isdisjoint(_BY_RULE):
        last |= _BY_METHOD
    own = any("resolver" in api.call.keywords for api in apis) and not resolvers
    mentioned = _mentioned(project) if own else frozenset()
    for function in project.functions.values():
        if function.parent is not None or is_test(function.module):
            continue
        special = function.name.startswith("__")
        if function.name in last or (own and not special and function.name not in mentioned):
            yield function


def _resolvers(project: Project) -> Iterator[str]:
    """Connexion's resolvers, as far as the repository names any."""
    for module in project.modules.values():
        if module.source.says("Resolver") and not is_test(module):
            yield from (name for name in _RESOLVERS if module.source.says(name))


def _texts(project: Project) -> Iterator[str]:
    """What a document that is a Python dictionary names: `{"operationId": "shop.orders.search"}`."""
    for module in project.modules.values():
        for node in module.nodes if module.source.says("operationId") else ():
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    match key, value:
                        case ast.Constant(value=str(named)), ast.Constant(value=str(text)):
                            if names_function(named):
                                yield text


def _mentioned(project: Project) -> frozenset[str]:
    """Every name that some code has, loaded or imported."""
    return frozenset(
        node.id if isinstance(node, ast.Name) else node.attr
        for module in project.modules.values()
        for node in module.nodes
        if isinstance(node, ast.Name | ast.Attribute)
    )
