"""`query[a:b]` and `query[i]`: OFFSET and LIMIT, with Python's own rules around them.

Facts: `orm/util.py`, `_getitem`. Negative bounds raise, an empty slice asks nothing, a step is
applied in Python. Bounds that aren't literal would need all of that at run time: refused.
"""

from __future__ import annotations

import ast

from migrator.queries import refusals
from migrator.queries.refusals import refuse
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.terminals import fetch_args, fetchable, item
from migrator.queries.types import ListOf, Query, Type


def query_subscript(query: Query, subscript: ast.Subscript, typeof: TypeOf) -> Step:
    """A slice gives a list, an index one result (or IndexError)."""
    index = subscript.slice
    one = item(query)
    if isinstance(index, ast.Slice):
        return _slice(query, index, ListOf(one))
    position = _natural(index)
    if position is None:
        return _refused(query, one)
    return _step(query, one, str(position), str(position + 1), "[0]")


def _slice(query: Query, index: ast.Slice, result: Type) -> Step:
    start = 0 if index.lower is None else _natural(index.lower)
    stop = _natural(index.upper) if index.upper is not None else None
    if start is None or index.step is not None or (index.upper is not None and stop is None):
        return _refused(query, result)
    if stop is not None and stop <= start:
        return _refused(query, result)
    lower = "None" if index.lower is None else str(start)
    return _step(query, result, lower, "None" if stop is None else str(stop), "")


def _step(query: Query, result: Type, start: str, stop: str, index: str) -> Step:
    refusal = fetchable(query)
    if refusal is None and (query.dynamic or query.state & {"yield_per", "from_statement"}):
        refusal = refuse(refusals.SLICE_BOUNDS, "a slice of this query")
    if refusal is not None:
        return Step(result, io=True, refusal=refusal)
    args = {**fetch_args(query), "start": start, "stop": stop, "index": index}
    return Step(result, Action("fetch_slice", args, awaits=True), io=True)


def _refused(query: Query, result: Type) -> Step:
    return Step(result, io=True, refusal=refuse(refusals.SLICE_BOUNDS))


def _natural(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value >= 0:
        return node.value
    return None
