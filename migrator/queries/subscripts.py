"""`query[a:b]` and `query[i]`: OFFSET and LIMIT, with Python's own rules around them.

Facts: `orm/util.py`, `_getitem`. Negative bounds raise, an empty slice asks nothing, a step is
applied in Python. Literal bounds are checked here, others by `migrator.runtime.db.bounds`.
"""

from __future__ import annotations

import ast

from migrator.queries import refusals
from migrator.queries.refusals import refuse
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.terminals import fetch_args, fetched
from migrator.queries.types import UNKNOWN, ListOf, Query, Type, Unknown

BOUNDS = ("migrator.runtime.db", "bounds")
POSITION = ("migrator.runtime.db", "position")


def query_subscript(query: Query, subscript: ast.Subscript, typeof: TypeOf) -> Step:
    """A slice gives a list, an index one result (or IndexError)."""
    index = subscript.slice
    refusal, one = fetched(query)
    whole = isinstance(index, ast.Slice)
    result: Type = ListOf(one) if whole else one
    if refusal is None and query.state & {"yield_per", "from_statement"}:
        refusal = refuse(refusals.SLICE_BOUNDS)
    if refusal is None and isinstance(index, ast.Tuple):
        refusal = refuse(refusals.SLICE_BOUNDS, "several indexes")
    calculated = isinstance(index, ast.Constant | ast.BinOp | ast.UnaryOp)
    if refusal is None and not (whole or calculated) and isinstance(typeof(index), Unknown):
        refusal, result = refuse(refusals.SLICE_BOUNDS, "an index that may be a slice"), UNKNOWN
    if refusal is not None:
        return Step(result, io=True, refusal=refusal)
    args = fetch_args(query)
    if isinstance(index, ast.Slice):
        args["literal"] = _literal(index)
        imports = () if args["literal"] else (BOUNDS,)
    else:
        args["literal"] = _natural(index) is not None
        imports = () if args["literal"] else (POSITION,)
    return Step(result, Action("fetch_slice", args, imports, awaits=True), io=True)


def _literal(index: ast.Slice) -> bool:
    """Whether the bounds are numbers that need no check."""
    start = 0 if index.lower is None else _natural(index.lower)
    if start is None:
        return False
    if index.upper is None:
        return True
    stop = _natural(index.upper)
    return stop is not None and stop > start


def _natural(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value >= 0:
        return node.value
    return None
