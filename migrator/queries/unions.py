"""`q1.union(q2)` and its kin, and what may follow on them.

Facts: SQLAlchemy's `orm/query.py`, `_set_op`: the rows of the union become the FROM, the entities
and columns of the first query are read from it, and everything later that mentions them is
adapted. A select of a union adapts nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from migrator.queries import refusals
from migrator.queries.entities import UNREADABLE
from migrator.queries.refusals import refuse
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import Query, Selected, Type

SET_OPERATIONS = ("union", "union_all", "intersect", "intersect_all", "except_", "except_all")
LIMITED = frozenset({"limit", "offset", "slice"})
#: What may follow: it doesn't name the columns of the entity.
_FOLLOWS = frozenset({"limit", "offset", "slice", "distinct", "execution_options", "params"})
#: A LIMIT inside a union is an error of its own on SQLite, by another name on either side.
_APART = frozenset({"options", "yield_per", *LIMITED})


def set_operation(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """The rows of several queries as one: of a model, or of columns that have names."""
    others = [typeof(a) for a in call.args]
    starred = any(isinstance(a, ast.Starred) for a in call.args)
    if others and not starred and not query.state & _APART:
        if query.single_entity:
            return _entities(query, method, others)
        apart = labelled(query.selects) or "set_op" not in query.state
        if (_named(query.selects) and apart) or one_column(query.selects):
            return _columns(query, method, others)
    result = replace(query, state=frozenset({"set_op"}), multi_from=True, loaded=frozenset())
    return Step(result, refusal=refuse(refusals.SET_OPERATION, f"{method}()"))


def _entities(query: Query, method: str, others: Sequence[Type]) -> Step:
    result = replace(query, state=frozenset({"set_op"}), multi_from=True, loaded=frozenset())
    result = replace(result, last_joined="", joined_key="")
    first = query.selects[0]
    same = all(
        operand(o) and o.single_entity and o.selects[0].key == first.key
        for o in others
        if isinstance(o, Query)
    )
    same = same and all(isinstance(o, Query) for o in others)
    if not same or "set_op" in query.state or not query.lead.strip("?"):
        return Step(result, refusal=refuse(refusals.SET_OPERATION, f"{method}()"))
    args = {"entity": query.lead, "key": first.key}
    imports = (("sqlalchemy", "select"), ("sqlalchemy.orm", "aliased"))
    return Step(result, Action("set_operation", args, imports))


def _columns(query: Query, method: str, others: Sequence[Type]) -> Step:
    """The columns of the union by their names, which are those of the first query."""
    selects = combined(query.selects)
    nested = {"nested"} if "set_op" in query.state else set()
    nameless = set() if _named(query.selects) else {"nameless"}
    state = frozenset({"set_op", *nested, *nameless})
    result = Query(selects, query.session, state=state, cls=query.cls)
    if not all(isinstance(o, Query) and operand(o) for o in others):
        return Step(result, refusal=refuse(refusals.SET_OPERATION, f"{method}()"))
    imports = [("sqlalchemy", "select")]
    alike = labelled(query.selects)
    if not alike:
        imports.append(("migrator.runtime.db", "columns_of"))
    args = {"entity": "", "labelled": alike}
    return Step(result, Action("set_operation", args, tuple(imports)))


def operand(other: Query) -> bool:
    """Whether a query may take part in a union as a select does."""
    apart = other.state & {"mixed", "from_statement", *_APART}
    if "set_op" in other.state and not (labelled(other.selects) or one_column(other.selects)):
        return False
    return not other.dynamic and not apart


def combined(selects: Sequence[Selected]) -> tuple[Selected, ...]:
    """The columns of a union whose first part selects these."""
    return tuple(replace(s, kind="column", of="?") for s in selects)


def labelled(selects: Sequence[Selected]) -> bool:
    """Whether every column has a label of its own, given by `.label()`.

    A column without one may be taken for another of the union that was made of it.
    """
    return _named(selects) and all(s.named for s in selects)


def one_column(selects: Sequence[Selected]) -> bool:
    """Whether there is one column, which is taken for no other, whatever its name."""
    return len(selects) == 1 and selects[0].kind in ("column", "aggregate")


def _named(selects: Sequence[Selected]) -> bool:
    """Whether every column has a name of its own, by a label or as a model's attribute."""
    names = [s.label for s in selects]
    known = all(s.kind == "column" or (s.named and s.kind == "aggregate") for s in selects)
    return (
        known
        and all(n not in ("", UNREADABLE) for n in names)
        and len(set(names)) == len(names) > 0
    )


def after_set_operation(query: Query, method: str, call: ast.Call) -> bool:
    """Whether a method means the same on a select of the union's rows.

    A label in ORDER BY isn't found any more after a union of a union: Query raises.
    """
    if method in _FOLLOWS or (method == "filter_by" and query.single_entity):
        return True
    if method in SET_OPERATIONS:
        return labelled(query.selects) or one_column(query.selects)
    if method == "order_by" and _named(query.selects) and "nested" not in query.state:
        names = {s.label for s in query.selects if s.named}
        return bool(call.args) and all(_label(a) in names for a in call.args)
    return False


def with_any_name(query: Query) -> Query:
    """A query of one column for what doesn't ask for the column's name."""
    if not one_column(query.selects):
        return query
    named = replace(query.selects[0], label=query.selects[0].label or "value", named=True)
    return replace(query, selects=(named,), state=query.state - {"nested", "nameless"})


def renamed_by_union(query: Query) -> bool:
    """Whether the columns of its subquery are named after a table, or after another union."""
    if "set_op" not in query.state:
        return False
    return "nested" in query.state or not labelled(query.selects)


def _label(node: ast.expr) -> str:
    """The label in `"total"` and `desc("total")`; "" for anything else."""
    match node:
        case ast.Constant(value=str() as name):
            return name
        case ast.Call(func=ast.Name(id="desc" | "asc"), args=[inner], keywords=[]):
            return _label(inner)
    return ""
