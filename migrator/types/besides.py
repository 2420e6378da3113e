"""What functions do besides finding or making the session that they give.

`find().query(Order)` becomes a statement on that session, by its own name: the call of `find` is left out.
"""

from __future__ import annotations

import ast
import builtins
import re

from migrator.index.definitions import (
    ClassInfo,
    ExternalName,
    FunctionInfo,
    Module,
    Resolved,
    Variable,
)
from migrator.index.walk import walk
from migrator.queries.refusals import FOUND_BY_DOING
from migrator.queries.step import Refusal
from migrator.queries.types import Session
from migrator.types.recorder import Recorder
from migrator.types.session_calls import AWAITED, FETCHING
from migrator.types.state import State

#: Something that a caller may notice.
DOES = "does"
#: Something of the database, for which it may have to be awaited.
ASKS = "asks"
#: A dict has a `get`, too.
_ASKING = (AWAITED | FETCHING | {"query"}) - {"get"}
_FINDING = re.compile(
    r"(sqlalchemy|sqlmodel|flask_sqlalchemy|werkzeug\.local|functools|contextvars|threading|typing)\..*"
    r"|flask\.(has_\w+|(g|request|session)\.\w+|current_app\.((config|extensions)\.)?\w+)"
    r"|os\.(environ\.\w+|getenv)|builtins\.(?!eval|exec|input|open|print)\w+"
)
#: What hangs on these is whatever was put there.
_HOLDING = ("flask.g.", "flask.current_app.", "flask.session.", "flask.request.")
#: What gives sessions, wherever it is kept.
_MAKER = re.compile(r"session|registry|maker|factory|_get_current_object", re.IGNORECASE)
_BUILTINS = vars(builtins).keys() - {"eval", "exec", "input", "open", "print"}
_PLAIN = frozenset(
    {"cache", "cached_property", "classmethod", "lru_cache", "property", "staticmethod"}
)
_DOING = (
    ast.AugAssign, ast.Await, ast.Delete, ast.For, ast.Raise, ast.While, ast.Yield, ast.YieldFrom
)  # fmt: skip


def besides(state: State, info: FunctionInfo, seen: set[str] | None = None) -> frozenset[str]:
    """DOES and ASKS, as far as its code, and what that calls, says so; what is `seen` was asked already."""
    seen = set() if seen is None else seen
    if info.key in seen:
        return frozenset()
    seen.add(info.key)
    found: set[str] = set()
    if any(d.rpartition(".")[2] not in _PLAIN for d in info.decorators()):
        found.add(DOES)
    for statement in info.node.body:
        found |= in_code(state, info.module, info, statement, seen)
    return frozenset(found)


def in_code(
    state: State,
    module: Module,
    info: FunctionInfo | None,
    code: ast.AST,
    seen: set[str] | None = None,
) -> frozenset[str]:
    """The same of some code, of a function or of none."""
    seen = set() if seen is None else seen
    found: set[str] = set()
    for node in walk(code):
        if isinstance(node, _DOING):
            found.add(DOES)
        elif isinstance(node, ast.Call):
            found |= _of_call(state, module, info, node.func, seen)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            method = _own(state, info, node)
            if method is not None and "property" in method.decorators():
                found |= besides(state, method, seen)
    return frozenset(found)


def _own(state: State, info: FunctionInfo | None, func: ast.expr) -> FunctionInfo | None:
    """The method of its own class that `self.name` is."""
    if info is None or info.owner is None or not isinstance(func, ast.Attribute):
        return None
    named = isinstance(func.value, ast.Name) and func.value.id in ("self", "cls")
    return state.project.method(info.owner, func.attr) if named else None


def _of_call(
    state: State,
    module: Module,
    info: FunctionInfo | None,
    func: ast.expr,
    seen: set[str],
) -> frozenset[str]:
    target: Resolved = _own(state, info, func)
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    if target is None and (info is None or not _is_local(info, func)):
        target = state.project.resolve(module, func)
    match target:
        case FunctionInfo():
            return besides(state, target, seen)
        case ClassInfo():
            made = state.project.method(target, "__init__")
            return besides(state, made, seen) if made is not None else frozenset()
        case ExternalName(dotted) if _FINDING.fullmatch(dotted):
            return frozenset()
        case ExternalName(dotted) if not dotted.startswith(_HOLDING):
            return frozenset({DOES})
        case Variable(value=ast.Call()):
            return frozenset()  # A registry, or a maker of sessions.
    if name in _ASKING:
        return frozenset({DOES, ASKS})
    if not name:
        return frozenset()  # What an expression gives is called: that is looked at by itself.
    if isinstance(func, ast.Name):
        return frozenset() if name in _BUILTINS or _MAKER.search(name) else frozenset({DOES})
    # Whichever of the repository's methods it is.
    keys: tuple[str, ...] = state.read("named", name) or ()
    if not _MAKER.search(name):
        return frozenset({DOES, ASKS}) if keys else frozenset({DOES})
    infos = filter(None, map(state.function, keys))
    return frozenset[str]().union(*(besides(state, info, seen) for info in infos))


def _is_local(info: FunctionInfo, node: ast.expr) -> bool:
    """Whether what begins an expression is a name of the function's own."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in info.bound_names()


def refusal_of(reader: Recorder, session: Session, query: ast.Call) -> Refusal | None:
    """Why `giving.query(...)` is no statement: what gives the session does something besides."""
    state = reader.state
    assert isinstance(query.func, ast.Attribute)
    nodes = walk(query.func.value)
    if not any(
        isinstance(n, ast.Call) or getattr(n, "attr", "") in state.properties for n in nodes
    ):
        return None
    inner = {id(node) for node in nodes}
    # A property is never awaited: without a name, the session is asked for by it as before.
    kinds = ("call", "property") if session.name else ("call",)
    known = [f for f in reader.facts if id(f.node) in inner and f.kind in kinds]
    keys = {key for fact in known for key in fact.callees}
    followed = {id(fact.node) for fact in known}
    done = [besides(state, info) for info in filter(None, map(state.function, keys))]
    done += (
        in_code(state, reader.module, reader.function, node)
        for node in nodes
        if isinstance(node, ast.Call) and id(node) not in followed
    )
    found = frozenset[str]().union(*done)
    # A session without a name is asked for by the expression, in the same place.
    return FOUND_BY_DOING if ASKS in found or (session.name and found) else None
