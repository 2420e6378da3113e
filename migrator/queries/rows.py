"""Names of row items: a legacy query's rows and a select's rows name some items differently.

`query(Order.id, Line.id)` gives `('id', 'id')` (and `row.id` the last one), `select()` gives
`('id', 'id_1')`; an unlabelled `func.count()` has no name in a legacy row.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.queries import refusals
from migrator.queries.join import item_type
from migrator.queries.refusals import refuse
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import (
    OPAQUE,
    TEXT,
    UNKNOWN,
    Column,
    DictOf,
    ListOf,
    Opaque,
    RelationshipAttribute,
    Row,
    TupleOf,
    Type,
)

_BY_NAME = frozenset({"_asdict", "_mapping", "_fields", "items", "keys", "values"})
#: The methods of a dict that rows of SQLAlchemy 1.x had, and that a row's `_mapping` has.
OF_MAPPING = frozenset({"items", "keys", "values"})
#: Those that it has not.
GONE_METHODS = frozenset({"has_key", "iteritems", "iterkeys", "itervalues"})
#: A row in the place of a dict, and what may be one.
MAPPING = Action("row_mapping")
_MAYBE = Action("row_mapping", {"unsure": True}, imports=(("migrator.runtime.db", "mapping_of"),))


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


def row_call(row: Row, method: str) -> Step:
    """`row._asdict()`, `row.keys()`: refused where the names differ."""
    refusal = refuse(refusals.ROW_NAMES, method) if row.renamed and method in _BY_NAME else None
    if method == "_asdict":
        return Step(DictOf(Opaque("str"), item_type(row)), refusal=refusal)
    if method in ("_tuple", "tuple"):
        return Step(TupleOf(row.items), refusal=refusal)
    if method == "keys":
        return Step(ListOf(Opaque("str")), refusal=refusal)
    if method == "values":
        return Step(ListOf(item_type(row)), refusal=refusal)
    if method == "items":
        return Step(ListOf(TupleOf((Opaque("str"), item_type(row)))), refusal=refusal)
    return Step(OPAQUE if method in ("count", "index") else UNKNOWN, refusal=refusal)


def as_mapping(found: Sequence[Type], name: str) -> Step | None:
    """What is read like a dict, all of it or by one `name`: a row's `_mapping` since SQLAlchemy 2.

    None where `found`, what it may be, has no row in it.
    """
    rows = [o for o in found if isinstance(o, Row)]
    if not rows:
        return None
    action = MAPPING if len(rows) == len(found) else _MAYBE
    unsure = any(r.renamed and not (name and r.names.count(name) == 1) for r in rows)
    return Step(action=action, refusal=refuse(refusals.ROW_NAMES, name) if unsure else None)


def names_item(index: ast.expr, typeof: TypeOf) -> bool:
    """Whether `row[index]` asks for an item by its name or by its column."""
    value = typeof(index)
    return value == TEXT or isinstance(value, Column | RelationshipAttribute)


def asks_for_name(left: ast.expr, row: Row) -> str:
    """The name in `"total" in row`, which asked for a name and asks for a value since; "" for none."""
    match left:
        case ast.Constant(value=str() as name) if not row.names or name in row.names:
            return name
    return ""
