"""The resources of Flask-RESTX and Flask-RESTful: which rules an `Api` puts on its application.

A namespace may get its resources before or after an Api gets the namespace: the rules are told when
all set-up code has run. Semantics: `Api.add_namespace`, `Api.register_resource` and
`Api.default_endpoint` of https://github.com/python-restx/flask-restx, `Api.add_resource` of
https://github.com/flask-restful/flask-restful.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from migrator.frozen import frozen
from migrator.index.definitions import Module
from migrator.surface.operators import binary
from migrator.surface.values import (
    UNKNOWN,
    Call,
    ClassValue,
    Const,
    ExternalValue,
    Instance,
    Scaffold,
    Value,
    ViewClass,
    made_by,
)

_APIS = ("flask_restful.", "flask_restx.", "flask_restplus.")
RESOURCES = frozenset({"flask_restful.Resource", "flask_restx.Resource", "flask_restplus.Resource"})
_ASSETS = "/swaggerui/<path:filename>"
_FIRST_CAPITAL = re.compile(r"(.)([A-Z][a-z]+)")
_ALL_CAPITALS = re.compile(r"([a-z0-9])([A-Z])")


class Rule(NamedTuple):
    """One rule that an Api registers on the application or blueprint that it was given."""

    scaffold: Scaffold
    rule: Value
    endpoint: Value
    view: Value
    node: ast.Call
    module: Module


@frozen
class _Resource:
    registry: Instance
    cls: ClassValue
    urls: list[Value]
    endpoint: Value
    node: ast.Call
    module: Module


@dataclass(slots=True)
class Namespaces:
    """What set-up code tells the API frameworks' objects."""

    _resources: list[_Resource] = field(default_factory=list)
    #: The namespaces of each Api (by id), each with the path given for it there.
    _added: dict[int, list[tuple[Instance, Value]]] = field(default_factory=dict)

    def call(self, registry: Instance, method: str, call: Call) -> Value | None:
        """A method of an Api or a namespace; None where it says nothing of rules."""
        first = call.args[0] if call.args else UNKNOWN
        if method == "add_resource" and isinstance(first, ClassValue):
            self.route(registry, first, call.args[1:], call)
        elif method == "add_namespace" and isinstance(first, Instance):
            self._add(registry, first, call.argument(1, "path", Const(None)))
        elif method == "namespace":
            made = made_by(call, "flask_restx.Namespace")
            self._add(registry, made, Const(None))
            return made
        return None

    def route(self, registry: Instance, cls: ClassValue, urls: list[Value], call: Call) -> None:
        """`@registry.route("/orders", endpoint="orders")` on a class, and `add_resource`."""
        endpoint = call.keywords.get("endpoint", Const(None))
        self._resources.append(_Resource(registry, cls, urls, endpoint, call.node, call.module))

    def _add(self, api: Instance, namespace: Instance, path: Value) -> None:
        added = self._added.setdefault(id(api), [])
        if not any(known is namespace for known, _ in added):
            added.append((namespace, path))

    def rules(
        self, apis: list[Instance], app: Scaffold, target: Callable[[Instance], Scaffold | None]
    ) -> Iterator[Rule]:
        """The rules of each Api that `target` knows the application or blueprint of."""
        documented = False
        for api in apis:
            scaffold = target(api)
            if scaffold is None or not _is_api(api.dotted):
                continue
            prefix = api.keywords.get("prefix", Const(""))
            restful = api.dotted.startswith("flask_restful")
            if not restful:
                yield from self._own(api, scaffold, prefix)
                if not documented:
                    yield _own_rule(api, app, "restx_doc.static", Const(_ASSETS))
                documented = True
            taken: set[object] = set()
            spaces: list[tuple[Instance, Value]] = [(api, Const(""))]
            spaces += [(n, _path(n, path)) for n, path in self._added.get(id(api), ())]
            for space, path in spaces:
                for resource in self._resources:
                    if resource.registry is not space:
                        continue
                    name = resource.cls.info.name
                    if resource.endpoint != Const(None):
                        endpoint = resource.endpoint
                    elif restful:
                        endpoint = Const(name.lower())
                    else:
                        endpoint = _free(_endpoint(name, None if space is api else space), taken)
                    taken.add(getattr(endpoint, "value", None))
                    view = ViewClass(resource.cls, endpoint)
                    for url in resource.urls:
                        rule = binary(ast.Add(), binary(ast.Add(), prefix, path), url)
                        yield Rule(scaffold, rule, endpoint, view, resource.node, resource.module)

    def _own(self, api: Instance, scaffold: Scaffold, prefix: Value) -> Iterator[Rule]:
        """The pages that Flask-RESTX adds by itself: the root, the documentation and its data."""
        doc = api.keywords.get("doc", Const("/"))
        pages = {"root": prefix if prefix != Const("") else Const("/")}
        if api.keywords.get("add_specs", Const(True)) != Const(False):
            pages["specs"] = binary(ast.Add(), prefix, Const("/swagger.json"))
            if doc not in (Const(False), Const(None), Const("")):
                pages["doc"] = doc
        for name, rule in pages.items():
            yield _own_rule(api, scaffold, name, rule)


def _is_api(dotted: str) -> bool:
    """Whether it is an Api of theirs; others have a class of that name, and other pages."""
    return dotted.startswith(_APIS) and dotted.endswith(".Api")


def _own_rule(api: Instance, scaffold: Scaffold, name: str, rule: Value) -> Rule:
    assert isinstance(api.node, ast.Call)
    view = ExternalValue(f"flask_restx.Api.{name}")
    return Rule(scaffold, rule, Const(name), view, api.node, api.module)


def _path(namespace: Instance, given: Value) -> Value:
    """Where an Api puts a namespace: the path given, the namespace's own, or its name."""
    for path in (given, _argument(namespace, 2, "path")):
        if isinstance(path, Const) and path.value:
            return Const(str(path.value).rstrip("/")) if path is not given else path
        if path is UNKNOWN:
            return UNKNOWN
    return binary(ast.Add(), Const("/"), _argument(namespace, 0, "name"))


def _argument(instance: Instance, position: int, name: str) -> Value:
    if len(instance.args) > position:
        return instance.args[position]
    return instance.keywords.get(name, Const(None))


def _endpoint(cls: str, namespace: Instance | None) -> Value:
    dashed = _ALL_CAPITALS.sub(r"\1_\2", _FIRST_CAPITAL.sub(r"\1_\2", cls)).lower()
    if namespace is None:
        return Const(dashed)
    return binary(ast.Add(), _argument(namespace, 0, "name"), Const(f"_{dashed}"))


def _free(endpoint: Value, taken: set[object]) -> Value:
    if not isinstance(endpoint, Const) or endpoint.value not in taken:
        return endpoint
    number = 2
    while f"{endpoint.value}_{number}" in taken:
        number += 1
    return Const(f"{endpoint.value}_{number}")
