"""`query.exists()`: a Query puts a 1 in the place of its columns, and with them goes their FROM.

Facts: SQLAlchemy's `Query.exists`. What is left to select from is the entity of the first column,
and what joins and criteria bring in: `query(Order, Line).exists()` does not look at lines. Of a Table,
or a column of it, nothing is left: `query(table).exists()` is `EXISTS (SELECT 1)`. A
`select().exists()` keeps its columns, which makes no difference where they are the first entity's.
"""

from __future__ import annotations

from migrator.queries import refusals
from migrator.queries.entities import lead_entity, model_import
from migrator.queries.refusals import refuse
from migrator.queries.roots import BARE
from migrator.queries.step import Action, Refusal
from migrator.queries.types import Query
from migrator.queries.unions import LIMITED

_LITERAL = ("sqlalchemy", "literal")


def existence(query: Query) -> tuple[Action | None, Refusal | None]:
    """What becomes of `exists()`, None where a select has the same; or why it stays a Query's."""
    if _as_it_is(query):
        return None, None
    if "all_lazy" in query.state:
        return None, refuse(refusals.LOADER_OPTION, "enable_eagerloads() before exists()")
    if "set_op" in query.state:
        # Query multiplies the rows of the union by those of the table.
        return None, refuse(refusals.SET_OPERATION, "exists()")
    if _has_no_entity(query):
        return Action("exists_rows", {"entity": "", "key": ""}, (_LITERAL,)), None
    entity, key = lead_entity(query)
    if entity == "?" or not (entity or key):
        return None, refuse(refusals.UNKNOWN_ENTITY, "exists() of what no model has")
    imports = (_LITERAL, *model_import(entity, key))
    return Action("exists_rows", {"entity": entity, "key": key}, imports), None


def _has_no_entity(query: Query) -> bool:
    """Whether a Query finds no entity in its first column, to select from."""
    return bool(query.selects) and query.selects[0].plain and "select_from" not in query.state


def _as_it_is(query: Query) -> bool:
    """Whether the columns make no difference: no aggregates, groups, or FROM of their own."""
    if not query.selects or query.state & {"group_by", "having", "distinct"}:
        return False
    if query.single_entity:
        return "set_op" not in query.state or not query.state & LIMITED
    of = {s.of or s.key if s.kind in ("entity", "column") else "" for s in query.selects}
    several = len(of) > 1 or not of.isdisjoint({"", "?"})
    apart = len(query.selects) > 1 and any(s.alias for s in query.selects)
    # A hybrid's expression may have no FROM at all: there, the criteria bring it.
    return not (several or apart or BARE in query.state)
