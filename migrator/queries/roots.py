"""Where a query begins: `Order.query`, `session.query(...)`, `o.lines` of lazy="dynamic"."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.queries.entities import classify_all, has_entity
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import (
    Alias,
    Column,
    Instance,
    ModelType,
    Query,
    Selected,
    Session,
    Type,
)

SELECT = ("sqlalchemy", "select")
#: The query has no criterion yet; gone after the first filter.
BARE = "bare"
#: Its class gave it criteria or options when it was made, at run time.
MADE = "made"
_SELECT_ROOT = Action("select_root", imports=(SELECT,))


def query_attribute(model: ModelType, *, on_instance: bool = False) -> Step:
    """`Order.query`: becomes `select(Order)`. The session is for the caller to fill in.

    On an instance the class is not what stands before the dot, but what the type spells.
    """
    name = model.key.rpartition(":")[2].rpartition(".")[2]
    query = Query(
        (Selected("entity", model.key, model.text, name),),
        lead=model.text,
        multi_from=model.eager,
        state=frozenset({BARE}),
    )
    action = replace(_SELECT_ROOT, args={"entity": model.text}) if on_instance else _SELECT_ROOT
    return Step(query, action, site=True)


def made_root(step: Step, *, partial: bool) -> Step:
    """A root whose class has a hand in every query of it: made in the bridge, then a select."""
    query = step.result
    assert isinstance(query, Query)
    state = (query.state - {BARE}) | {"filter", "options", MADE}
    made = replace(query, state=state, multi_from=True, partial=partial)
    action = Action("select_of", imports=(("migrator.runtime.db", "select_of"),), awaits=True)
    return replace(step, result=made, action=action, io=True)


def query_call(session: Session, call: ast.Call, typeof: TypeOf) -> Step:
    """`session.query(...)`: becomes `select(...)` with the same arguments."""
    selects = () if call.keywords else classify_all(call.args, typeof)
    query = Query(
        selects,
        session=session,
        lead=selects[0].text if selects else "",
        multi_from=_multi(selects, call, typeof),
        state=frozenset({BARE}),
    )
    return Step(query, _SELECT_ROOT, site=True)


def _multi(selects: tuple[Selected, ...], call: ast.Call, typeof: TypeOf) -> bool:
    """Whether more than one FROM may take part, a join that the mapping adds included."""
    if not selects or not has_entity(selects):
        return not selects
    if len({s.key or s.of or "?" for s in selects}) > 1:
        return True
    entities = [e for e in map(typeof, call.args) if isinstance(e, ModelType | Alias)]
    known = len(entities) == 1 and sum(s.kind == "entity" for s in selects) == 1
    return not known or entities[0].eager


#: What changes which entities are queried.
_OTHERWISE = frozenset({"add_column", "add_columns", "add_entity", "with_entities"})


def loads_in_joins(query: Query, node: ast.expr, typeof: TypeOf) -> bool:
    """Whether what an expression queries may load collections in joins of its own: by its mapping, by options."""
    if query.multi_from and "options" in query.state:
        return True
    while query.multi_from:
        match node:
            case ast.Call(func=ast.Attribute(attr="query"), args=entities):
                return any(_is_eager(typeof(entity)) for entity in entities)
            case ast.Attribute(value=entity, attr="query"):
                return _is_eager(typeof(entity))
            case ast.Call(func=ast.Attribute(value=before, attr=name)) if name not in _OTHERWISE:
                node = before
            case _:
                return True
    return False


def _is_eager(entity: Type) -> bool:
    return entity.eager if isinstance(entity, ModelType | Alias) else not isinstance(entity, Column)


def dynamic_attribute(
    owner: Instance,
    target: str,
    session: Session | None,
    *,
    ordered: bool = True,
    secondary: bool = False,
) -> Step:
    """`o.lines` of lazy="dynamic": stays what it is; its terminal takes its statement."""
    states = {"filter": True, "order_by": ordered, "secondary": secondary, "fresh": owner.fresh}
    history = {name for name, known in states.items() if known}
    label = target.rpartition(":")[2].rpartition(".")[2]
    kind = "entity" if target else "unknown"
    query = Query(
        (Selected(kind, target, label, label),),
        session=session,
        lead=label,
        multi_from=True,
        state=frozenset(history),
        dynamic=True,
    )
    return Step(query, site=True)
