"""What a call of a session or of `db` runs, told as the Query that would run the same.

2.0-style code keeps its form; what is known of its statements serves loader options.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.queries.step import TypeOf
from migrator.queries.types import (
    Column,
    ModelType,
    Query,
    RelationshipAttribute,
    Select,
    Selected,
)

#: How a Query calls what a select calls so.
_NAMES = {"where": "filter", "filter_by": "filter", "outerjoin": "join", "join_from": "join"}
#: Begins a state that says: this attribute has to equal a value, whichever way the statement took.
PINNED = "pinned: "
#: In the place of such an attribute: the statement has a limit, whichever way it took.
LIMITED = "limit()"
#: The state of a statement whose rows come from a cursor of the server's.
STREAMED = "yield_per"
_BY_IDENTITY = frozenset({"get", "get_one", "get_or_404"})
#: Methods that run a statement of objects.
GIVES_OBJECTS = _BY_IDENTITY | {
    "execute", "scalars", "scalar", "first_or_404", "one_or_404", "paginate"
}  # fmt: skip
#: What changes nothing in how objects are loaded.
_KEYWORDS = {
    "get_or_404": frozenset({"description"}),
    "first_or_404": frozenset({"description"}),
    "one_or_404": frozenset({"description"}),
    "paginate": frozenset({"page", "per_page", "max_per_page", "error_out", "count"}),
}


def after(select: Select, method: str, call: ast.Call, typeof: TypeOf) -> Select:
    """The statement after one of its methods."""
    name = _NAMES.get(method, method)
    pinned = select.pinned
    if name == "filter" and len(select.selects) == 1:
        pinned |= frozenset(_pinned(select.selects[0], select.state, method, call, typeof))
    if name == "limit":
        pinned |= {LIMITED}
    elif any(k.arg in ("yield_per", "stream_results") for k in call.keywords):
        name = STREAMED
    return replace(select, state=select.state | {name}, pinned=pinned)


def _pinned(
    entity: Selected, state: frozenset[str], method: str, call: ast.Call, typeof: TypeOf
) -> list[str]:
    """The attributes of the entity that a criterion makes equal to a value."""
    if entity.kind != "entity" or entity.alias:
        return []
    if method == "filter_by" and "join" not in state:
        return [k.arg for k in call.keywords if k.arg and _is_value(k.value, typeof)]
    found = []
    for criterion in call.args:
        match criterion:
            case ast.Compare(ast.Attribute(attr=name) as left, [ast.Eq()], [right]):
                column = typeof(left)
                if isinstance(column, Column) and column.key == entity.key:
                    found += [name] if _is_value(right, typeof) else []
    return found


def _is_value(node: ast.expr, typeof: TypeOf) -> bool:
    """Whether a criterion compares with a value, not with what else the statement is over."""
    known = not isinstance(typeof(node), Column | RelationshipAttribute | Select | Query)
    return known and isinstance(node, ast.Constant | ast.Name)


def statement_of(call: ast.Call) -> ast.expr | None:
    """The statement that a call runs, where it is all that the call is given."""
    if len(call.args) == 1 and not isinstance(call.args[0], ast.Starred):
        return call.args[0]
    return None


def executed(method: str, call: ast.Call, typeof: TypeOf) -> Query:
    """The objects' query; one of nothing where it isn't known, or isn't run plainly."""
    return _executed(method, call, typeof) or Query(())


def _executed(method: str, call: ast.Call, typeof: TypeOf) -> Query | None:
    allowed = _KEYWORDS.get(method, frozenset())
    if not {k.arg or "**" for k in call.keywords} <= allowed:
        return None
    if method in _BY_IDENTITY:
        entity = typeof(call.args[0]) if len(call.args) == 2 else None
        if not isinstance(entity, ModelType):
            return None
        selected = Selected("entity", entity.key, entity.text)
        return Query((selected,), multi_from=entity.eager)
    statement = statement_of(call)
    select = typeof(statement) if statement is not None else None
    if not isinstance(select, Select) or select.verb != "select":
        return None
    return Query(
        select.selects,
        multi_from="join" in select.state or "select_from" in select.state,
        state=select.state | {PINNED + name for name in select.pinned},
        loaded=select.loaded,
        partial=select.partial,
    )
