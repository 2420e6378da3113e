"""Query methods that give another query: what each becomes on a select().

Facts: SQLAlchemy's `orm/query.py` (its assertions) and `sql/selectable.py`. A method of the same
name and meaning on Select needs no action.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from migrator.index.written import written
from migrator.queries import refusals
from migrator.queries.after_union import adapted
from migrator.queries.chain import brings_from
from migrator.queries.entities import classify_all, has_entity, lead_entity, model_import
from migrator.queries.options import OWN_OPTION, loader_options
from migrator.queries.refusals import refuse
from migrator.queries.roots import BARE
from migrator.queries.step import Action, Refusal, Step, TypeOf
from migrator.queries.types import (
    Alias,
    ModelType,
    Query,
    RelationshipAttribute,
    Session,
)
from migrator.queries.unions import LIMITED, SET_OPERATIONS, after_set_operation, set_operation

Handler: TypeAlias = Callable[[Query, str, ast.Call, TypeOf], Step]

#: The query carries a `lazyload("*")` of ours.
ALL_LAZY = "all_lazy"
#: Marks an entity whose name isn't at hand: it is known by its model's key.
BY_KEY = "@"
LASTING = frozenset(
    {BARE, "options", "populate_existing", "execution_options", "autoflush", ALL_LAZY, OWN_OPTION}
)
#: Criteria that Query refuses after LIMIT or OFFSET; a select takes them in silence.
_CRITERIA = frozenset(
    {"filter", "filter_by", "where", "order_by", "group_by", "having", "join", "outerjoin"}
)
_NO_STATEMENT = _CRITERIA | {"limit", "offset", "slice", "distinct", "reset_joinpoint"}


def checked(query: Query, method: str) -> Refusal | None:
    """Why a method can't follow on this query's history, or None."""
    if query.dynamic:
        return None
    if "mixed" in query.state:
        return refuse(refusals.MIXED, method)
    if method in _CRITERIA and query.state & LIMITED:
        return refuse(refusals.AFTER_LIMIT, f"{method}()")
    if "from_statement" in query.state and method in _NO_STATEMENT:
        return refuse(refusals.STATEMENT, f"{method}() after from_statement()")
    return None


def _after_union(query: Query, method: str, call: ast.Call) -> Refusal | None:
    if query.dynamic or "set_op" not in query.state or after_set_operation(query, method, call):
        return None
    return refuse(refusals.SET_OPERATION, f"{method}()")


def middle(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step | None:
    """The step of a method that gives another query; None for a method of another kind."""
    handler = _HANDLERS.get(method)
    if handler is None:
        return None
    step = handler(query, method, call, typeof)
    if "set_op" in query.state and query.single_entity and step.refusal is None:
        # Criteria that can be read from the union need not be alike for a Query and a select.
        criteria = adapted(query, method, call, typeof)
        if criteria is not None:
            refusal = checked(query, method)
            return replace(step, action=None if refusal else criteria, refusal=refusal)
    refusal = step.refusal or checked(query, method) or _after_union(query, method, call)
    if refusal is not None:
        return replace(step, action=None, refusal=refusal)
    if query.dynamic:
        # A dynamic query is still a legacy query: its own methods apply as they are.
        return replace(step, action=None)
    return step


def _with(query: Query, *states: str) -> Query:
    return replace(query, state=query.state | set(states))


def _lead_key(query: Query) -> str:
    """The key of the model that the query begins with, "" for an alias: there may be several."""
    first = query.selects[0] if query.selects else None
    return "" if first is None or first.alias else first.key or first.of


def _order_by(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    none = len(call.args) == 1 and getattr(call.args[0], "value", "") is None
    if query.dynamic and none:
        # The order that the relationship had is gone: an UPDATE may have its criteria.
        return Step(replace(query, state=query.state - {"order_by"}))
    return _keep(query, method, call, typeof)


def _keep(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    result = _with(query, method)
    match method, call.args:
        case "order_by" | "group_by", [ast.Constant(value=False)]:
            # To a Query what None is, to a select() an expression.
            return Step(result, refusal=refuse(refusals.REMOVED, f"{method}(False)"))
    return Step(result)


def _filter(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    key = _lead_key(query)
    multi = query.multi_from or any(brings_from(a, key, typeof) for a in call.args)
    definite = any(not isinstance(a, ast.Starred) for a in call.args)
    state = query.state - {BARE} if definite else query.state
    action = Action("rename_method", {"name": "where"}) if method == "filter" else None
    return Step(replace(query, multi_from=multi, state=state | {"filter"}), action)


def _filter_by(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    definite = any(k.arg is not None for k in call.keywords)
    state = (query.state - {BARE} if definite else query.state) | {"filter"}
    result = replace(query, state=state)
    if query.last_joined == "?":
        return Step(result, refusal=refuse(refusals.FILTER_BY_ENTITY))
    alone = not query.state & {"join", "select_from"} and len(query.selects) == 1
    if query.last_joined or not (alone and query.selects[0].kind == "entity"):
        return _explicit_filter_by(query, result, call)
    if query.multi_from and query.state & {"filter"} and not query.selects[0].key:
        return _explicit_filter_by(query, result, call)
    return Step(result)


def _addressed(query: Query) -> tuple[str, str]:
    """The entity that `filter_by()` and `with_parent()` mean: its text, "" for the model with the key.

    The text is "?" where it is not known.
    """
    entity, key = query.last_joined, query.joined_key
    if entity.startswith(BY_KEY):
        entity = ""
    elif not entity:
        entity, key = lead_entity(query)
    return entity if entity or key else "?", key


def _explicit_filter_by(query: Query, result: Query, call: ast.Call) -> Step:
    """Select.filter_by searches all entities and may find the name twice: say whose it is."""
    entity, key = _addressed(query)
    if entity == "?":
        return Step(result, refusal=refuse(refusals.FILTER_BY_ENTITY))
    return Step(
        result,
        Action("filter_by_entity", {"entity": entity, "key": key}, model_import(entity, key)),
    )


def _join(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    names = {k.arg for k in call.keywords}
    if (
        not call.args
        or not names <= {"onclause", "isouter", "full"}
        or len(call.args) > 2
        or isinstance(call.args[0], ast.Tuple)
        or any(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in call.args)
        or (len(call.args) == 2 and isinstance(typeof(call.args[1]), ModelType | Alias))
    ):
        unknown = replace(query, last_joined="?", multi_from=True)
        starred = any(isinstance(a, ast.Starred) for a in call.args) or None in names
        code = refusals.FILTER_BY_ENTITY if starred else refusals.GONE
        return Step(_with(unknown, "join"), refusal=refuse(code, written(call.func)))
    entity, key = _joined(call.args[0], typeof)
    joined = replace(query, last_joined=entity, joined_key=key, multi_from=True)
    return Step(_with(joined, "join"))


def _joined(node: ast.expr, typeof: TypeOf) -> tuple[str, str]:
    """The entity that a join target stands for: its text (or "") and its model's key (or "")."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="of_type"), args=[target]):
            return (
                _joined(target, typeof)
                if isinstance(typeof(inner), RelationshipAttribute)
                else ("?", "")
            )
        case ast.Call(func=ast.Attribute(value=inner, attr="and_")):
            return _joined(inner, typeof)
    match typeof(node):
        case ModelType(key=key):
            return written(node), key
        case Alias():
            return (written(node) if isinstance(node, ast.Name) else "?"), ""
        case RelationshipAttribute(target=key) if key:
            # The name of the related model may not be imported here: known by key.
            return BY_KEY + key, key
    return "?", ""


def _select_from(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    result = _with(replace(query, multi_from=True), "select_from")
    if not query.state <= LASTING or len(call.args) != 1:
        return Step(result, refusal=refuse(refusals.REMOVED, "select_from() after criteria"))
    entity, key = _joined(call.args[0], typeof)
    return Step(replace(result, last_joined=entity, joined_key=key))


def _options(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    # Of several entities, a string names attributes of the first.
    leads = query.selects[:1] and query.selects[0].kind == "entity"
    lead = query.lead.strip("?") if leads else ""
    found = loader_options(call.args, typeof, _lead_key(query), lead)
    result = replace(
        query,
        loaded=query.loaded | found.loaded,
        multi_from=query.multi_from or found.joins,
        partial=query.partial or found.partial,
    )
    action = Action("option_attributes", {"chains": found.chains}) if found.strings else None
    refusal = found.refusal
    if ALL_LAZY in query.state:
        refusal = refusal or refuse(refusals.LOADER_OPTION, "options() after enable_eagerloads()")
    states = ("options", OWN_OPTION) if found.own else ("options",)
    return Step(_with(result, *states), action, refusal=refusal)


def _with_entities(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    selects = classify_all(call.args, typeof)
    keys = {s.key or s.of for s in (*selects, *query.selects)}
    eager = any(getattr(typeof(a), "eager", False) for a in call.args)
    result = replace(
        query,
        selects=selects,
        lead=selects[0].text if selects else "",
        multi_from=query.multi_from or not selects or eager or len(keys) > 1,
        loaded=frozenset(),
    )
    if ALL_LAZY in query.state and not has_entity(selects):
        # `lazyload("*")` raises where no entity is left.
        return Step(result, refusal=refuse(refusals.LOADER_OPTION, "enable_eagerloads()"))
    return Step(result, Action("rename_method", {"name": "with_only_columns"}))


def _add_columns(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    added = classify_all(call.args, typeof)
    known = bool(added and query.selects)
    result = replace(query, selects=query.selects + added if known else (), multi_from=True)
    if method != "add_columns" and call.keywords:
        return Step(result, refusal=refuse(refusals.REMOVED, f"{method}() with keywords"))
    rename = Action("rename_method", {"name": "add_columns"})
    return Step(result, None if method == "add_columns" else rename)


def _execution_options(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    streams = any(k.arg in (None, "yield_per", "stream_results") for k in call.keywords)
    return Step(_with(query, method, *(["yield_per"] if streams else [])))


def _yield_per(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    action = Action("execution_option", {"option": "yield_per", "value": ""})
    return Step(_with(query, "yield_per"), action)


def _option_flag(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    value = "True" if method == "populate_existing" else ""
    action = Action("execution_option", {"option": method, "value": value})
    return Step(_with(query, method), action)


def _eagerloads(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    match call.args:
        case [ast.Constant(value=True)]:
            return Step(query, Action("drop_method"))
        case [ast.Constant(value=False)]:
            if not has_entity(query.selects) or "options" in query.state:
                # What an option asks for by name, a lazyload("*") beside it leaves as it is.
                return Step(query, refusal=refuse(refusals.LOADER_OPTION, "enable_eagerloads()"))
            action = Action("disable_eagerloads", imports=(("sqlalchemy.orm", "lazyload"),))
            return Step(_with(replace(query, partial=True), "options", ALL_LAZY), action)
    return Step(query, refusal=refuse(refusals.REMOVED, "enable_eagerloads() of a variable"))


def _with_parent(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    result = replace(query, state=(query.state - {BARE}) | {"filter"})
    named = any(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in call.args)
    plain = not call.keywords and not any(isinstance(a, ast.Starred) for a in call.args)
    plain = plain and not named
    if plain and len(call.args) == 2 and not query.state & {"join", "select_from"}:
        action = Action("with_parent", {}, (("sqlalchemy.orm", "with_parent"),))
        return Step(result, action)
    entity, key = _addressed(query)
    first = query.selects[0] if query.selects else None
    # Of a calculated column, Query knows no entity.
    calculated = first is None or not (
        first.kind == "entity"
        or (first.kind == "column" and all(p.isidentifier() for p in first.text.split(".")))
    )
    if calculated and not query.last_joined:
        entity = "?"
    if plain and len(call.args) == 1 and entity != "?":
        needed = (("migrator.runtime.db", "parent_of"), *model_import(entity, key))
        return Step(result, Action("with_parent", {"entity": entity, "key": key}, needed))
    code = refusals.GONE if named else refusals.REMOVED
    return Step(result, refusal=refuse(code, "with_parent() of this form"))


def _with_session(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    session = typeof(call.args[0]) if call.args else None
    known = session if isinstance(session, Session) else None
    return Step(replace(query, session=known), Action("drop_method"))


def _reset_joinpoint(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    entity = query.selects[0] if query.selects else None
    lead = query.lead if entity is not None and entity.kind == "entity" else "?"
    key = entity.key if entity is not None else ""
    result = replace(query, last_joined=lead, joined_key=key)
    return Step(result, Action("drop_method"))


def _from_statement(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    result = _with(replace(query, multi_from=True), "from_statement")
    if not query.state <= LASTING:
        return Step(result, refusal=refuse(refusals.STATEMENT, "from_statement() after criteria"))
    return Step(result)


def _dropped(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    return Step(query, Action("drop_method"))


def _removed(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    code = refusals.GONE if method in _GONE else refusals.REMOVED
    return Step(replace(query, selects=(), multi_from=True), refusal=refuse(code, f"{method}()"))


#: Methods of 1.x that Query doesn't have any more.
_GONE = frozenset({"from_self", "select_entity_from", "with_lockmode", "with_polymorphic"})


_HANDLERS: dict[str, Handler] = {
    "filter": _filter,
    "where": _filter,
    "filter_by": _filter_by,
    "join": _join,
    "outerjoin": _join,
    "select_from": _select_from,
    "options": _options,
    "with_entities": _with_entities,
    "add_columns": _add_columns,
    "add_column": _add_columns,
    "add_entity": _add_columns,
    "execution_options": _execution_options,
    "yield_per": _yield_per,
    "populate_existing": _option_flag,
    "autoflush": _option_flag,
    "enable_eagerloads": _eagerloads,
    "with_parent": _with_parent,
    "with_session": _with_session,
    "reset_joinpoint": _reset_joinpoint,
    "order_by": _order_by,
    "tuples": _dropped,
    "from_statement": _from_statement,
    **dict.fromkeys(SET_OPERATIONS, set_operation),
    **dict.fromkeys(
        (
            *("group_by", "having", "limit", "offset", "slice", "distinct"),
            *("with_for_update", "params", "prefix_with", "suffix_with", "correlate"),
            *("with_hint", "with_statement_hint", "ext"),
        ),
        _keep,
    ),
    **dict.fromkeys(
        (
            *("from_self", "select_entity_from", "with_labels", "apply_labels", "with_lockmode"),
            *("with_polymorphic", "enable_assertions", "merge_result", "instances", "values"),
            *("set_label_style", "only_return_tuples", "with_transformation"),
        ),
        _removed,
    ),
}
