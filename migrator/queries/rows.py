"""Names of row items: a legacy query's rows and a select's rows name some items differently.

`query(Order.id, Line.id)` gives `('id', 'id')` (and `row.id` the last one), `select()` gives
`('id', 'id_1')`; an unlabelled `func.count()` has no name in a legacy row.
"""

from __future__ import annotations

import ast

from migrator.queries import refusals
from migrator.queries.join import item_type
from migrator.queries.refusals import refuse
from migrator.queries.step import Step, TypeOf
from migrator.queries.types import OPAQUE, UNKNOWN, DictOf, ListOf, Opaque, Row, TupleOf

_BY_NAME = frozenset({"_asdict", "_mapping", "_fields", "keys"})


def row_attribute(row: Row, name: str) -> Step:
    """`row.total`: refused where the name may mean another item than it did."""
    refusal = None
    if row.renamed:
        unsure = name in _BY_NAME or row.names.count(name) != 1
        if unsure and name not in ("_tuple", "_t", "t", "tuple", "index"):
            refusal = refuse(refusals.ROW_NAMES, name)
    if name in row.names and row.names.count(name) == 1:
        return Step(row.items[row.names.index(name)], refusal=refusal)
    if name == "_mapping":
        return Step(DictOf(Opaque("str"), item_type(row)), refusal=refusal)
    if name == "_fields":
        return Step(ListOf(Opaque("str")), refusal=refusal)
    return Step(item_type(row), refusal=refusal)


def row_call(row: Row, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """`row._asdict()`, `row.keys()`: refused where the names differ."""
    refusal = refuse(refusals.ROW_NAMES, method) if row.renamed and method in _BY_NAME else None
    if method == "_asdict":
        return Step(DictOf(Opaque("str"), item_type(row)), refusal=refusal)
    if method in ("_tuple", "tuple"):
        return Step(TupleOf(row.items), refusal=refusal)
    if method == "keys":
        return Step(ListOf(Opaque("str")), refusal=refusal)
    return Step(OPAQUE if method in ("count", "index") else UNKNOWN, refusal=refusal)
