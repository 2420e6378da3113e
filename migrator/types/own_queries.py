"""`Order.query` where the repository says itself what that is, and not what a session's `query()` gives.

A column of that name, a method or a descriptor in the body of a class; or what it gets from outside: a
property of its metaclass, `Order.query = Living()`.
"""

from __future__ import annotations

import ast

from migrator.index.definitions import ClassInfo, Module
from migrator.index.project import Project
from migrator.index.written import written
from migrator.queries.refusals import QUERY_CLASS, refuse
from migrator.queries.step import Refusal
from migrator.types.state import State

#: The owner of what the classes get that only have a base which somebody else declares: `db.Model.query = ...`.
EVERY_MODEL = "every model"
#: What makes a base of one's own.
_DECLARATIVE = frozenset({"declarative_base", "automap_base", "generate_base", "DeclarativeBase"})
_EXECUTING = frozenset({"execute", "scalar", "scalars"})
#: The methods of a session that are called, on one side or on the other, for what is asked for by each.
_SAID_BY = {
    "query": _EXECUTING | {"query"},
    "Query": _EXECUTING,
    "get": frozenset({"get", "get_one"}),
    "scalars": frozenset({"execute", "scalars"}),
}


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


def gets_query(state: State, cls: ClassInfo) -> bool:
    """Whether a class may get its `query` from somewhere else than from its body."""
    owners = (EVERY_MODEL, *(owner.key for owner in state.project.mro(cls)))
    given = any(state.attribute(owner, "query") is not None for owner in owners)
    return given or state.query_classes.from_metaclass(cls)


def below_differ(state: State, cls: ClassInfo) -> bool:
    """Whether a class below has another `query` than the class: which one it is, is not known of `cls.query`."""
    own, of_model = _of_body(state.project, cls), state.query_classes.of_model
    return any(
        gets_query(state, below)
        or _of_body(state.project, below) is not own
        or of_model(below) != of_model(cls)
        or (is_mapped_apart(state, below) != is_mapped_apart(state, cls))
        for below in state.project.subclasses(cls)
    )


def is_mapped_apart(state: State, cls: ClassInfo) -> bool:
    """Whether a model, or one below a mixin, has a base of its own, beside an extension's, for some `query_property()`."""
    if not state.query_classes.registries:
        return False
    bases = state.project.external_bases(cls)
    if not bases:
        return any(is_mapped_apart(state, c) for c in state.project.subclasses(cls))
    return bool(_DECLARATIVE.intersection(base.rpartition(".")[2] for base in bases))


def is_base(project: Project, module: Module, node: ast.expr) -> bool:
    """Whether some class of the repository derives from what an expression stands for."""
    found = project.resolve(module, node)
    return any(
        written(base) == written(node)
        or (found is not None and project.resolve(cls.module, base) is found)
        for cls in project.classes.values()
        for base in cls.node.bases
    )


def refused_by_sessions(state: State, method: str) -> Refusal | None:
    """Why what a session is asked by a method has no other form: a class of sessions does more there.

    A Query executes by the session's `execute()`, an AsyncSession by other methods than a Session.
    """
    replaced = state.query_classes.of_sessions & _SAID_BY[method]
    if not replaced:
        return None
    return refuse(QUERY_CLASS, f"{min(replaced)}() of a class of sessions")
