"""What sessions and mapped classes are made by: bases get AsyncAttrs, session factories turn async.

Flask-SQLAlchemy's extension needs none of this: `migrator.runtime.db.SQLAlchemy` does it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.declared import DECLARATIVE, declared_by
from migrator.index.definitions import ClassInfo, ExternalName, Import, Module, dotted, last_name
from migrator.index.session_classes import REGISTRIES
from migrator.index.walk import children, walk
from migrator.plan.edits import RUNTIME
from migrator.queries.step import Action
from migrator.surface.decorators import own_nodes
from migrator.surface.local import local_names
from migrator.types.state import State

_BASES = ("sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta")
_MAKERS = frozenset({"declarative_base", "generate_base", "automap_base"})
_MADE = frozenset({"sessionmaker", "scoped_session"})
#: SQLAlchemy's names, and what of ours takes the same arguments.
_REPLACED = {"create_engine": "create_twin_engine", "Session": "OwnSession"}
_CALLED = _MAKERS | _MADE | _REPLACED.keys()


def setup_edits(state: State) -> Iterator[tuple[str, ast.AST, Action]]:
    """(module, node, action) for every declarative base and session factory of the repository."""
    given = {c.key: w for c in state.project.classes.values() if (w := _where(state, c))}
    for key, where in given.items():
        cls = state.project.classes[key]
        if given.keys().isdisjoint(a.key for a in state.project.mro(cls)[1:]):
            yield cls.module.name, cls.node, Action("async_attrs_base", {"where": where})
    if not (state.models.by_key or state.entries):
        return
    for module in state.project.modules.values():
        yield from _calls(state, module)
    for cls in state.project.classes.values():
        yield from _registries(state, cls)


def _registries(state: State, cls: ClassInfo) -> Iterator[tuple[str, ast.AST, Action]]:
    """The bases of a class that are SQLAlchemy's registry: ours has a session for each task."""
    for base in cls.node.bases:
        found = state.project.resolve(cls.module, base)
        if isinstance(found, ExternalName) and found.dotted in REGISTRIES:
            action = Action("use_name", {"module": RUNTIME, "name": "async_scoped_session"})
            yield cls.module.name, base, action


def _where(state: State, cls: ClassInfo) -> str:
    """Where among its bases a class gets AsyncAttrs: "first", "last", or "" for not at all."""
    known = state.project.external_bases(cls)
    if any(name.endswith(".AsyncAttrs") for name in known):
        return ""
    direct = [b.dotted for b in state.project.bases(cls) if isinstance(b, ExternalName)]
    if any(name in _BASES for name in direct) or declared_by(cls.node):
        return "first"
    # What a base from elsewhere derives from is not known: AsyncAttrs may be among it.
    mapped = cls.key in state.models.by_key
    return "last" if mapped and not any(name.endswith(DECLARATIVE) for name in known) else ""


def _calls(state: State, module: Module) -> Iterator[tuple[str, ast.AST, Action]]:
    inside = _imported_inside(module)
    imported = {n: b.name for n, b in module.bindings.items() if isinstance(b, Import)}
    hidden: set[int] | None = None
    for node in module.of(ast.Call):
        name = last_name(node.func)
        if imported.get(name, name) not in _CALLED and name not in inside:
            continue
        if not dotted(node.func):
            continue
        hidden = _hidden(module) if hidden is None else hidden
        if id(node) in hidden:
            continue
        found = state.project.resolve(module, node.func)
        known = found.dotted if isinstance(found, ExternalName) else ""
        if found is None:
            first, dot, rest = dotted(node.func).partition(".")
            known = inside.get(first, "") + dot + rest
        name = known.rpartition(".")[2] or name
        if name in _MAKERS and (known.startswith("sqlalchemy") or name == "generate_base"):
            if not _has_async_attrs(node):
                yield module.name, node, Action("async_attrs_call")
        elif known.startswith("sqlalchemy") and name in _REPLACED:
            action = Action("use_name", {"module": RUNTIME, "name": _REPLACED[name]})
            yield module.name, node.func, action
        elif known.startswith("sqlalchemy") and name in _MADE:
            yield module.name, node, Action(f"async_{name}")


def _hidden(module: Module) -> set[int]:
    """The calls of what functions have made themselves, `Session = scoped_session(...)`, by an imported name."""
    found: set[int] = set()
    for function in module.functions:
        made = function.bound_names() & module.bindings.keys()
        if not made or function.parent is not None:
            continue
        work: list[tuple[ast.AST, frozenset[str]]] = [(function.node, frozenset())]
        while work:
            node, names = work.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                names |= _own(node)
            if isinstance(node, ast.Call) and dotted(node.func).partition(".")[0] in names:
                found.add(id(node))
            work.extend((child, names) for child in children(node))
    return found


def _own(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """The names that a function binds itself, as parameters or variables."""
    inside = () if isinstance(function, ast.Lambda) else own_nodes(function)
    return local_names([*walk(function.args), *inside])


def _imported_inside(module: Module) -> dict[str, str]:
    """What names of SQLAlchemy's that functions import stand for, where the module has no such name."""
    found: dict[str, str] = {}
    for node in module.of(ast.ImportFrom):
        if not node.level and (node.module or "").partition(".")[0] == "sqlalchemy":
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for plain in module.of(ast.Import):
        for alias in plain.names:
            root = alias.name.partition(".")[0]
            if root == "sqlalchemy":
                found[alias.asname or root] = alias.name if alias.asname else root
    return found


def _has_async_attrs(call: ast.Call) -> bool:
    given = [k.value for k in call.keywords if k.arg == "cls"]
    return any(
        isinstance(node, ast.Name | ast.Attribute) and dotted(node).endswith("AsyncAttrs")
        for value in given
        for node in walk(value)
    )
