"""`Order.query` where the repository says itself what that is, and not what a session's `query()` gives.

A column of that name, a method or a descriptor in the body of a class; or what it gets from outside: a
property of its metaclass, `Order.query = Living()`. Beside an extension, a `query_property()` is for the
models of another base.
"""

from __future__ import annotations

import ast
from typing import Literal

from migrator.index.declared import DECLARATIVE
from migrator.index.definitions import ClassInfo, Module
from migrator.index.project import Project
from migrator.index.written import written
from migrator.types.state import State

#: The owner of what the classes get that only have a base which somebody else declares: `db.Model.query = ...`.
EVERY_MODEL = "every model"


def makes_query_property(value: ast.expr | None) -> bool:
    """Whether it is `session.query_property()`."""
    match value:
        case ast.Call(func=ast.Attribute(attr="query_property")):
            return True
    return False


def says_query(project: Project, cls: ClassInfo) -> bool:
    """Whether a class, or one above it, has a `query` in its body that is no `query_property()`."""
    return _of_body(project, cls) is not None


def _of_body(project: Project, cls: ClassInfo) -> object:
    """What the body of a class, or of one above it, says that `query` is; None for what a session gives."""
    for owner in project.mro(cls):
        if "query" in owner.methods:
            return owner.methods["query"]
        _, value = owner.attributes.get("query", (None, None))
        if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
            return None if makes_query_property(value) else value
    return None


def is_given_query(state: State, cls: ClassInfo) -> bool:
    """Whether a class, and so its objects, may get a `query` by an assignment."""
    owners = (EVERY_MODEL, *(owner.key for owner in state.project.mro(cls)))
    return any(state.attribute(owner, "query") is not None for owner in owners)


def gets_query(state: State, cls: ClassInfo) -> bool:
    """Whether a class may get its `query` from somewhere else than from its body or a session that is known."""
    if is_given_query(state, cls) or state.query_classes.from_metaclass(cls):
        return True
    return _has_two_homes(state) and not _home(state.project, cls)


def below_differ(state: State, cls: ClassInfo) -> bool:
    """Whether a class below has another `query` than the class: which one it is, is not known of `cls.query`."""
    own, of_model = _of_body(state.project, cls), state.query_classes.of_model
    return any(
        gets_query(state, below)
        or _of_body(state.project, below) is not own
        or of_model(below) != of_model(cls)
        or is_mapped_apart(state, below) != is_mapped_apart(state, cls)
        for below in state.project.subclasses(cls)
    )


def is_mapped_apart(state: State, cls: ClassInfo) -> bool:
    """Whether a model, or those below a mixin, have a base that a `query_property()` is for, beside an extension's."""
    return _has_two_homes(state) and _home(state.project, cls) == "registry"


def _has_two_homes(state: State) -> bool:
    return bool(state.query_classes.registries and state.read("db_name", ""))


def _home(project: Project, cls: ClassInfo) -> Literal["extension", "registry", ""]:
    """Whose session the queries of a class are on, as far as its bases, or else those of the classes below, say."""
    bases = project.external_bases(cls)
    if not bases:
        homes = {_home(project, below) for below in project.subclasses(cls)}
        return homes.pop() if len(homes) == 1 else ""
    if any(base.endswith("Model") for base in bases):
        return "extension"
    return "registry" if any(base.endswith(DECLARATIVE) for base in bases) else ""


def is_base(project: Project, module: Module, node: ast.expr) -> bool:
    """Whether some class of the repository derives from what an expression stands for."""
    found = project.resolve(module, node)
    return any(
        written(base) == written(node)
        or (found is not None and project.resolve(cls.module, base) is found)
        for cls in project.classes.values()
        for base in cls.node.bases
    )
