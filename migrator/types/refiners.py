"""Functions that refine the query they get: what they return is of the kind that they were given."""

from __future__ import annotations

import ast

from migrator.index.definitions import FunctionInfo
from migrator.index.signature import parameters
from migrator.queries.join import join
from migrator.queries.types import Query, Type, Union

#: Methods that change neither what a query selects nor of which class it is.
REFINING = frozenset(
    {
        *("filter", "filter_by", "where", "order_by", "group_by", "having", "limit", "offset"),
        *("slice", "distinct", "join", "outerjoin", "options", "with_for_update", "params"),
        *("execution_options", "populate_existing", "autoflush", "reset_joinpoint"),
        *("select_from", "with_parent", "yield_per", "enable_eagerloads"),
    }
)


def refined_parameter(info: FunctionInfo) -> str:
    """The parameter whose refinement every `return` gives; "" where that isn't certain.

    Wherever its name is assigned to, it is a refinement of itself that is assigned.
    """
    found: set[str] = set()
    for node in info.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            if node is not info.node:
                return ""
        elif isinstance(node, ast.Return):
            found.add(_root(node.value))
    names = {a.arg for a in parameters(info.node.args)}
    if len(found) != 1 or not found <= names:
        return ""
    (name,) = found
    for node in info.nodes:
        stored = isinstance(node, ast.Name) and node.id == name
        if stored and not isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
            return name if _all_assign(info, name) else ""
    return name


def _all_assign(info: FunctionInfo, name: str) -> bool:
    """Whether the name is stored by plain assignments of its own refinement alone."""
    plain: set[int] = set()
    for node in info.nodes:
        match node:
            case ast.Assign(targets=[ast.Name() as target], value=value):
                if target.id == name and _root(value) == name:
                    plain.add(id(target))
    return all(
        id(node) in plain or isinstance(node.ctx, ast.Load)
        for node in info.nodes
        if isinstance(node, ast.Name) and node.id == name
    )


def _root(node: ast.expr | None) -> str:
    """The name that a chain of refining calls begins with; "" for anything else."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in REFINING:
            return ""
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else ""


def of_kind(value: Type | None, given: Type | None) -> Type | None:
    """What a refiner returns for this argument, of all that it returns for any."""
    if not isinstance(value, Union) or given is None:
        return value
    queries = given.options if isinstance(given, Union) else frozenset({given})
    if not all(isinstance(q, Query) for q in queries):
        return value
    result: Type | None = None
    for option in value.ordered:
        if isinstance(option, Query) and any(
            isinstance(q, Query) and _alike(option, q) for q in queries
        ):
            result = option if result is None else join(result, option)
    return value if result is None else result


def _alike(one: Query, other: Query) -> bool:
    if one.dynamic != other.dynamic or one.cls != other.cls:
        return False
    kinds = [[(s.kind, s.key) for s in q.selects] for q in (one, other)]
    return kinds[0] == kinds[1]
