"""Flask-SQLAlchemy's helpers: on a query (`get_or_404`, `paginate`) and on `db` itself.

Their async twins are methods of `migrator.runtime.db.SQLAlchemy` and keep the semantics of the
legacy query: a LIMIT for `first_or_404`, unique entities for `one_or_404` and `paginate`.
"""

from __future__ import annotations

import ast

from migrator.queries import refusals
from migrator.queries.join import join
from migrator.queries.refusals import refuse
from migrator.queries.step import Action, Refusal, Step, TypeOf
from migrator.queries.terminals import fetchable, item
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    Instance,
    ListOf,
    ModelType,
    Pagination,
    Query,
    Select,
    Session,
    Type,
)
from migrator.queries.writes import get

QUERY_HELPERS = frozenset({"get_or_404", "first_or_404", "one_or_404", "paginate"})
#: The order of positional arguments in Flask-SQLAlchemy 2.x; 3.x takes keywords alone.
PAGINATE_POSITIONS = ("page", "per_page", "error_out", "max_per_page", "count")
_PAGINATE = frozenset(PAGINATE_POSITIONS)


def db_text(session: Session | None) -> str:
    """The `db` that a `db.session` belongs to, as spelled at hand; "" for another session."""
    if session is None or not session.text.endswith(".session"):
        return ""
    if not session.name:
        return ""
    defined = session.name.rpartition(":")[2]
    tail = session.text.rpartition(".session")[0]
    if defined.endswith(".session"):
        defined = defined.rpartition(".session")[0]
    elif not session.name.startswith(":"):
        return ""
    return tail if tail.rpartition(".")[2] == defined.rpartition(".")[2] or tail else ""


def query_helper(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step | None:
    """`get_or_404` and its kin on a query; None for other methods."""
    if method not in QUERY_HELPERS:
        return None
    if method == "get_or_404":
        return _get_or_404(query, call, typeof)
    one = item(query)
    result: Type = Pagination(one) if method == "paginate" else one
    refusal = _query_refusal(query, method, call)
    if refusal is not None:
        return Step(result, io=True, refusal=refusal)
    args = {"db": db_text(query.session), "helper": method, "statement": query.dynamic}
    return Step(result, Action("http_helper", args, awaits=True), io=True)


def _get_or_404(query: Query, call: ast.Call, typeof: TypeOf) -> Step:
    """`get_or_404(id, description)`: the same as `get`, on `db`."""
    refusal = _query_refusal(query, "get_or_404", call)
    named = [k for k in call.keywords if k.arg == "ident"]
    if refusal is None and len(call.args[:1]) + len(named) != 1:
        refusal = refuse(refusals.HTTP_HELPER, "get_or_404() without an identity")
    step = get(query, ast.Call(call.func, call.args[:1], named), typeof)
    refusal = refusal or step.refusal
    if refusal is None and step.action is not None and "elsewhere" in step.action.args:
        refusal = refuse(refusals.GET_WITH_CRITERIA, "the query comes from elsewhere")
    found: Type = UNKNOWN
    if query.single_entity:
        found = Instance(query.selects[0].key, partial=query.partial)
    if refusal is not None or step.action is None:
        return Step(found, io=True, refusal=refusal)
    args = {**step.action.args, "query": "", "callee": f"{db_text(query.session)}.get_or_404"}
    return Step(found, Action("get_by_identity", args, awaits=True), io=True)


def _query_refusal(query: Query, method: str, call: ast.Call) -> Refusal | None:
    refusal = fetchable(query)
    if refusal is not None:
        return refusal
    if not db_text(query.session):
        return refuse(refusals.HTTP_HELPER, f"{method}() on a session that is not db.session")
    if any(isinstance(a, ast.Starred) for a in call.args) or any(
        k.arg is None for k in call.keywords
    ):
        return refuse(refusals.HTTP_HELPER, f"{method}() with starred arguments")
    counts = {"autoflush", "execution_options"} if method == "paginate" else set()
    if query.state & {"yield_per", "from_statement", *counts}:
        return refuse(refusals.HTTP_HELPER, f"{method}() on this query")
    allowed = _PAGINATE if method == "paginate" else {"description"}
    if method == "get_or_404":
        allowed = {"description", "ident"}
    positions = {"paginate": len(PAGINATE_POSITIONS), "get_or_404": 2}.get(method, 1)
    if len(call.args) > positions or not {k.arg for k in call.keywords} <= allowed:
        return refuse(refusals.HTTP_HELPER, f"{method}() with these arguments")
    return None


def db_step(method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """`db.get_or_404(Model, id)`, `db.paginate(statement)` and the like: awaited.

    Names of SQLAlchemy reached through `db` (`db.select`, `db.func`) are for `select_call`.
    """
    awaited = Action("await_call", awaits=True)
    first = typeof(call.args[0]) if call.args else UNKNOWN
    if method == "get_or_404":
        entity = first.key if isinstance(first, ModelType) else ""
        result: Type = Instance(entity) if entity else UNKNOWN
        return Step(result, awaited, io=True, site=True)
    if method in ("first_or_404", "one_or_404", "paginate"):
        one = first_selected(first)
        result = Pagination(one) if method == "paginate" else one
        action = Action("await_call", {"append": "first_column=True"}, awaits=True)
        refusal = None
        if len(call.args) != 1 or any(k.arg is None for k in call.keywords):
            refusal = refuse(refusals.HTTP_HELPER, f"db.{method}() with these arguments")
        return Step(result, None if refusal else action, True, True, refusal)
    return Step(UNKNOWN)


def first_selected(value: Type) -> Type:
    """What a statement gives as the first thing of a row."""
    if isinstance(value, Select) and value.selects:
        first = value.selects[0]
        if first.kind == "entity":
            return Instance(first.key, value.loaded, partial=value.partial)
        return OPAQUE if first.kind in ("column", "aggregate") else UNKNOWN
    return UNKNOWN


def pagination_attribute(pagination: Pagination, name: str) -> Step:
    """What an attribute of a Pagination is; `prev()` and `next()` query again."""
    if name == "items":
        return Step(ListOf(pagination.item))
    if name in ("prev_num", "next_num"):
        return Step(join(OPAQUE, NONE))
    if name in ("prev", "next"):
        return Step(UNKNOWN, refusal=refuse(refusals.HTTP_HELPER, f"Pagination.{name}()"))
    if name == "query":
        return Step(UNKNOWN, refusal=refuse(refusals.HTTP_HELPER, "Pagination.query"))
    return Step(OPAQUE)
