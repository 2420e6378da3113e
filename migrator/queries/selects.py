"""2.0-style statements and their results: nothing is rewritten, the types flow.

The exception is `select([a, b])`, the list form of SQLAlchemy 1.x, which is spread out.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.written import written
from migrator.queries import refusals
from migrator.queries.entities import classify_all, column_names, has_entity, is_known
from migrator.queries.executions import after
from migrator.queries.expressions import external_call
from migrator.queries.join import join, result_item
from migrator.queries.options import loader_options
from migrator.queries.refusals import refuse
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    Column,
    ListOf,
    Opaque,
    Query,
    Result,
    Select,
    Selectable,
    Selected,
    Type,
    Unknown,
)
from migrator.queries.unions import SET_OPERATIONS, combined, labelled, operand

_VERBS = frozenset({"select", "update", "delete", "insert"})
#: Methods of a statement that give no statement.
_HAND_OFFS: dict[str, Type] = {
    "lateral": Selectable(),
    "exists": Column(),
    "scalar_subquery": Column(unhashable=True),
    "as_scalar": Column(unhashable=True),
    "label": Column(unhashable=True),
    "compile": Opaque("sqlalchemy.engine.Compiled"),
}
_SELECTING = frozenset({"with_only_columns", "add_columns", "returning", "add_column", "column"})
_FILTERED = frozenset(
    {"unique", "yield_per", "tuples", "columns", "freeze", "merge", "partitions", "close"}
)


def select_call(func_dotted: str, call: ast.Call, typeof: TypeOf) -> Step:
    """A call of a SQLAlchemy name: a statement, a column expression, an alias.

    The result is Unknown for a name that is none of those.
    """
    verb = func_dotted.rpartition(".")[2]
    if verb in _VERBS and ".func." not in func_dotted:
        return _select(call, typeof) if verb == "select" else Step(Select(verb))
    if verb in SET_OPERATIONS and call.args:
        return _compound(call, typeof)
    return Step(external_call(func_dotted, call, typeof) or UNKNOWN)


def _compound(call: ast.Call, typeof: TypeOf) -> Step:
    """`union(a, b)`: it selects columns, whatever its parts select.

    A Query in it gives columns that are named after their table, unless they have a label.
    """
    first = typeof(call.args[0])
    selects = first.selects if isinstance(first, Select | Query) else ()
    result = Select("select", () if has_entity(selects) else combined(selects))
    for part in map(typeof, call.args):
        if isinstance(part, Query) and not (labelled(part.selects) and operand(part)):
            detail = f"{written(call.func)}() of a query"
            return Step(result, refusal=refuse(refusals.SET_OPERATION, detail))
    return Step(result)


def _select(call: ast.Call, typeof: TypeOf) -> Step:
    if len(call.args) >= 1 and isinstance(call.args[0], ast.List | ast.Tuple):
        return _legacy_select(call, call.args[0], typeof)
    if call.keywords:
        return Step(Select("select"), refusal=refuse(refusals.LEGACY_SELECT))
    return Step(Select("select", classify_all(call.args, typeof)))


def _legacy_select(call: ast.Call, columns: ast.List | ast.Tuple, typeof: TypeOf) -> Step:
    """`select([a, b], where)`: in 1.x its rows held columns, also for a model."""
    selects = classify_all(columns.elts, typeof)
    result = Select("select", selects)
    if not is_known(selects) or has_entity(selects) or len(call.args) > 2 or call.keywords:
        return Step(result, refusal=refuse(refusals.LEGACY_SELECT, written(call.func)))
    return Step(result, Action("select_list"))


def select_step(select: Select, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """A method of a 2.0-style statement: nothing to rewrite, the result's type."""
    if method in ("subquery", "cte", "alias"):
        return Step(Selectable(names=column_names(select.selects)))
    if method in _HAND_OFFS:
        return Step(_HAND_OFFS[method])
    if method in _SELECTING:
        added = classify_all(call.args, typeof)
        select = replace(select, state=select.state | {method}, pinned=frozenset())
        if method in ("with_only_columns", "returning"):
            return Step(replace(select, selects=added, loaded=frozenset()))
        known = bool(select.selects and added)
        return Step(replace(select, selects=select.selects + added if known else ()))
    if method == "options":
        key = select.selects[0].key if select.selects else ""
        select = after(select, method, call, typeof)
        found = loader_options(call.args, typeof, key)
        return Step(
            replace(
                select,
                loaded=select.loaded | found.loaded,
                partial=select.partial or found.partial,
            )
        )
    if method in ("execute", "scalar"):
        return Step(UNKNOWN, io=True, refusal=refuse(refusals.STATEMENT, f"{method}()"))
    if method in SET_OPERATIONS:
        select = replace(select, state=select.state | {method})
        return Step(replace(select, selects=()) if has_entity(select.selects) else select)
    return Step(after(select, method, call, typeof))


def result_step(result: Result, method: str, call: ast.Call) -> Step:
    """A method of a Result: rows are in memory already, nothing is awaited."""
    item = result_item(result)
    if method in _FILTERED:
        return Step(ListOf(ListOf(item)) if method == "partitions" else result)
    if method == "scalars":
        selects = _picked(result, call)
        return Step(replace(result, selects=selects, scalars=True))
    if method == "mappings":
        return Step(replace(result, mappings=True))
    if method in ("all", "fetchall", "fetchmany"):
        return Step(ListOf(item))
    if method in ("one", "first", "one_or_none", "fetchone"):
        return Step(item if method == "one" else _optional(item))
    if method in ("scalar_one", "scalar", "scalar_one_or_none"):
        one = result_item(replace(result, scalars=True, mappings=False))
        return Step(one if method == "scalar_one" else _optional(one))
    if method == "keys":
        return Step(ListOf(Opaque("str")))
    return Step(UNKNOWN if isinstance(item, Unknown) else OPAQUE)


def _picked(result: Result, call: ast.Call) -> tuple[Selected, ...]:
    """`.scalars()` takes the first item, `.scalars(1)` another one."""
    if not call.args:
        return result.selects[:1]
    index = call.args[0]
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        return result.selects[index.value : index.value + 1]
    return ()


def _optional(item: Type) -> Type:
    return item if isinstance(item, Unknown) else join(item, NONE)
