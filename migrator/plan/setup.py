"""What sessions and mapped classes are made by: bases get AsyncAttrs, session factories turn async.

Flask-SQLAlchemy's extension needs none of this: `migrator.runtime.db.SQLAlchemy` does it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.colour.externals import SCOPED
from migrator.colour.lattice import options
from migrator.colour.state import State
from migrator.index.definitions import ExternalName, Module, Variable, dotted
from migrator.queries.step import Action
from migrator.queries.types import Session

_BASES = ("sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta")
_MAKERS = frozenset({"declarative_base", "generate_base", "automap_base"})
_RUNTIME = "migrator.runtime.db"


def setup_edits(state: State) -> Iterator[tuple[str, ast.AST, Action]]:
    """(module, node, action) for every declarative base and session factory of the repository."""
    for cls in state.project.classes.values():
        names = [
            found.dotted
            for base in cls.node.bases
            if isinstance(found := state.project.resolve(cls.module, base), ExternalName)
        ]
        if any(n in _BASES for n in names) and not any(n.endswith(".AsyncAttrs") for n in names):
            yield cls.module.name, cls.node, Action("async_attrs_base")
    for module in state.project.modules.values():
        if state.models.by_key:
            yield from _calls(state, module)


def _calls(state: State, module: Module) -> Iterator[tuple[str, ast.AST, Action]]:
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func).rpartition(".")[2]
        if name == "query_property" and _of_scoped(state, module, node.func):
            yield module.name, node, Action("query_property")
        if name not in _MAKERS and name not in ("sessionmaker", "scoped_session"):
            continue
        found = state.project.resolve(module, node.func)
        known = found.dotted if isinstance(found, ExternalName) else ""
        if name in _MAKERS and (known.startswith("sqlalchemy") or name == "generate_base"):
            if not _has_async_attrs(node):
                yield module.name, node, Action("async_attrs_call")
        elif known.startswith("sqlalchemy") and not _has(node, "class_"):
            yield module.name, node, Action(f"async_{name}")


def _of_scoped(state: State, module: Module, method: ast.expr) -> bool:
    """Whether it is a method of a `scoped_session` of the repository's own."""
    owner = method.value if isinstance(method, ast.Attribute) else method
    found = state.project.resolve(module, owner)
    if not isinstance(found, Variable):
        return False
    return any(
        isinstance(option, Session) and option.name == SCOPED
        for option in options(state.variables.get((found.module, found.name)))
    )


def _has_async_attrs(call: ast.Call) -> bool:
    given = [k.value for k in call.keywords if k.arg == "cls"]
    return any(
        isinstance(node, ast.Name | ast.Attribute) and dotted(node).endswith("AsyncAttrs")
        for value in given
        for node in ast.walk(value)
    )


def _has(call: ast.Call, name: str) -> bool:
    return any(k.arg == name for k in call.keywords)
