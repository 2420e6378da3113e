"""Query methods that reach the database, and those that hand the statement to another one.

The fetching follows `Query._iter`: scalars for a lone entity, unique rows whenever a mapped
entity is selected (rule 0). `unique` is left out only where no row can come twice.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.queries import refusals
from migrator.queries.entities import column_names, has_entity, is_known, item_of, row_type
from migrator.queries.existence import existence
from migrator.queries.join import join
from migrator.queries.options import OWN_OPTION
from migrator.queries.refusals import refuse
from migrator.queries.roots import BARE, SELECT
from migrator.queries.step import Action, Refusal, Step, TypeOf
from migrator.queries.types import (
    NONE,
    NOWHERE,
    OPAQUE,
    UNKNOWN,
    Column,
    ListOf,
    Query,
    Row,
    Select,
    Selectable,
    Type,
)
from migrator.queries.unions import renamed_by_union

FUNC = ("sqlalchemy", "func")
_TAILS = frozenset({"all", "one", "one_or_none"})
_SINGLE_ROW = frozenset(
    {"bare", "filter", "join", "select_from", "options", "order_by", "execution_options"}
)
#: Their rows come as they do for any statement.
_PLAINLY = frozenset({"yield_per", "from_statement"})


def item(query: Query) -> Type:
    """What one result of the query is."""
    return row_type(query.selects, query.loaded, query.partial, legacy=True)


def is_nowhere(query: Query) -> bool:
    """Whether no expression at hand denotes the query's session."""
    # `%q`: the session of the query in parameter q, which has no expression here.
    return query.session is None or query.session.text.startswith(NOWHERE)


def of_owner(query: Query) -> bool:
    """Whether only the object that a dynamic relationship hangs on knows the query's session."""
    return query.dynamic and is_nowhere(query)


def executable(query: Query, *, by_owner: bool = False) -> Refusal | None:
    """Why a query can't be executed where it stands, or None.

    `by_owner` says that it may be asked of the object that it hangs on which session it is.
    """
    if "nameless" in query.state:
        # In the rows of a Query it has none, either; what a select makes of it has.
        return refuse(refusals.SET_OPERATION, "rows of a column without a name")
    if "mixed" in query.state:
        return refuse(refusals.MIXED)
    if is_nowhere(query) and not (by_owner and query.dynamic and "yield_per" not in query.state):
        return refuse(refusals.NO_SESSION)
    unsaid = {"set_op"} if is_nowhere(query) else {"set_op", "fresh"}
    if query.dynamic and query.state & unsaid:
        return refuse(refusals.DYNAMIC)
    return None


def fetchable(query: Query) -> Refusal | None:
    """Why its rows can't be fetched the way Query does, or None."""
    refusal = executable(query)
    if refusal is not None:
        return refusal
    if not is_known(query.selects):
        texts = ", ".join(s.text for s in query.selects if s.kind == "unknown")
        return refuse(refusals.UNKNOWN_ENTITY, texts)
    mixes = has_entity(query.selects) and any(s.unhashable for s in query.selects)
    if mixes and query.multi_from and "yield_per" not in query.state:
        return refuse(refusals.UNIQUING)
    return None


def fetched(query: Query, *, by_owner: bool = False) -> tuple[Refusal | None, Type]:
    """Why the rows can't be fetched here in any way, or None; and what one of them is."""
    one = item(query)
    if query.state & _PLAINLY:
        return fetchable(query), one
    return executable(query, by_owner=by_owner), replace(one, renamed=False) if isinstance(
        one, Row
    ) else one


def _as_a_query(query: Query) -> str:
    """Why its rows have to come as a Query gives them, "" where they don't.

    "kind": only the run shows what they are; "names": a select gives their items other names.
    """
    if query.state & _PLAINLY:
        return ""
    one = item(query)
    if fetchable(query) is not None:
        return "kind"
    return "names" if isinstance(one, Row) and one.renamed else ""


def unpacks(target: ast.expr) -> bool:
    """Whether a row is taken apart at once, so that nobody asks for its items by name."""
    return isinstance(target, ast.Tuple | ast.List) and not any(
        isinstance(item, ast.Starred) for item in target.elts
    )


def nameless(step: Step) -> Step:
    """The step of rows whose items nobody asks for by name."""
    action = step.action
    if action is None or action.args.get("rows") != "names":
        return step
    return replace(step, action=replace(action, args={**action.args, "rows": ""}))


def fetch_args(query: Query) -> dict[str, object]:
    """What every fetching rule needs to know: session, verb, uniquing, form of the statement."""
    streams = "yield_per" in query.state
    return {
        "session": query.session.text if query.session else "",
        "verb": "scalars" if query.single_entity else "execute",
        "unique": query.multi_from and has_entity(query.selects) and not streams,
        "rows": _as_a_query(query),
        "statement": query.dynamic,
        "stream": streams,
        "limit": False,
        **({"owner": True} if of_owner(query) else {}),
    }


def _fetch(query: Query, result: Type, tail: str, **changes: object) -> Step:
    refusal, _ = fetched(query, by_owner=True)
    if refusal is not None:
        return Step(result, io=True, refusal=refusal)
    args = {**fetch_args(query), "tail": tail, **changes}
    return Step(result, Action("fetch", args, awaits=True), io=True)


def terminal(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step | None:
    """The step of a method that fetches rows; None for a method of another kind."""
    _, one = fetched(query, by_owner=True)
    if method in _TAILS:
        results: dict[str, Type] = {"all": ListOf(one), "one": one, "one_or_none": join(one, NONE)}
        return _fetch(query, results[method], method)
    if method == "first":
        return _first(query, join(one, NONE))
    if method == "scalar":
        return _scalar(query)
    if method == "value":
        return _value()
    if method == "count":
        return _count(query)
    return None


def _first(query: Query, result: Type) -> Step:
    if "from_statement" in query.state:
        return _fetch(query, result, "first")
    if query.single_entity and "yield_per" not in query.state and not of_owner(query):
        return _fetch(query, result, "", verb="scalar", limit=True, unique=False)
    return _fetch(query, result, "first", limit=True)


def _scalar(query: Query) -> Step:
    if fetchable(query) is not None or not query.selects:
        return Step(UNKNOWN, io=True, refusal=fetchable(query) or refuse(refusals.UNKNOWN_ENTITY))
    result = join(item_of(query.selects[0], query.loaded, query.partial), NONE)
    if "yield_per" in query.state:
        return Step(result, io=True, refusal=refuse(refusals.STREAMING, "scalar()"))
    if query.selects[0].kind == "table":
        return Step(OPAQUE, io=True, refusal=refuse(refusals.UNKNOWN_ENTITY, "scalar()"))
    single = all(s.kind == "aggregate" for s in query.selects) and query.state <= _SINGLE_ROW
    if single:
        return _fetch(query, result, "", verb="scalar", rows="")
    return _fetch(query, result, "scalar_one_or_none", verb="execute", rows="")


def _value() -> Step:
    """`q.value(column)`: the first row's value; the rows behind it are let go."""
    return Step(OPAQUE, io=True, refusal=refuse(refusals.REMOVED, "value()"))


def _count(query: Query) -> Step:
    refusal = executable(query, by_owner=True)
    for method in ("from_statement", "with_for_update"):
        # A Query locks around the count, which PostgreSQL refuses.
        if method in query.state:
            refusal = refusal or refuse(refusals.STATEMENT, f"count() after {method}()")
    if OWN_OPTION in query.state:
        # A Query has it for the statement that counts, too: a listener may take a kept result.
        refusal = refusal or refuse(refusals.STATEMENT, "count() after options() of one's own")
    for method in ("autoflush", "execution_options"):
        # They hold for the statement that is executed, not for one inside of it.
        if method in query.state:
            refusal = refusal or refuse(refusals.STATEMENT, f"count() after {method}()")
    names = [s.label for s in query.selects if s.named]
    if len(set(names)) < len(names):
        # Query can't name the columns of the subquery that it counts, and says so.
        refusal = refusal or refuse(refusals.ROW_NAMES, "count() of two columns of one name")
    if refusal is not None:
        return Step(OPAQUE, io=True, refusal=refusal)
    session = query.session.text if query.session else ""
    action = Action("count_rows", {"session": session}, (SELECT, FUNC), awaits=True)
    if of_owner(query):
        action = Action("count_rows", {"owner": True}, awaits=True)
    return Step(OPAQUE, action, io=True)


def query_iteration(query: Query, *, streams: bool = False) -> Step:
    """The query object itself is consumed: by `for`, `list()`, `in`, unpacking.

    With `streams` (the iterable of a `for` statement) and `yield_per`, `effect` is "stream": the
    action gives an asynchronous iterable, which `async for` takes. Everywhere else its rows are
    fetched at once.
    """
    refusal, one = fetched(query, by_owner=True)
    result = ListOf(one)
    if refusal is not None:
        return Step(result, io=True, refusal=refusal)
    args = fetch_args(query)
    streaming = streams and bool(args["stream"])
    args["listed"] = bool(args["stream"]) and not streaming
    args["stream"] = streaming
    action = Action("iterate", args, awaits=True)
    return Step(result, action, io=True, effect="stream" if streaming else "")


def query_or_rows(query: Query) -> Step:
    """A query that is consumed where rows may stand as well: which of the two it is, shows then."""
    refusal, one = fetched(query, by_owner=True)
    args = fetch_args(query)
    if refusal is None and (args["stream"] or query.state & _PLAINLY):
        refusal = refuse(refusals.MIXED, "it is looped over")
    if refusal is not None:
        return Step(ListOf(one), io=True, refusal=refusal)
    either = {"rows": "either", "verb": "", "unique": False, "statement": False, "listed": False}
    return Step(ListOf(one), Action("iterate", {**args, **either}, awaits=True), io=True)


def query_truth(alone: bool) -> Step:
    """`if query:`: a Query is always true, a select() has no truth value.

    `alone` says that the value is a query or None and nothing else.
    """
    if not alone:
        return Step(OPAQUE, refusal=refuse(refusals.MIXED, "its truth is asked for"))
    return Step(OPAQUE, Action("not_none"))


def query_choice(simple: bool) -> Step:
    """`query or default` for its value; `simple` says: a name that is a query or None."""
    if not simple:
        return Step(UNKNOWN, refusal=refuse(refusals.MIXED, "its truth is asked for"))
    return Step(UNKNOWN, Action("or_default"))


def hand_off(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Step | None:
    """Methods that embed the statement in another one: no await. None for other methods."""
    if method == "get_execution_options" and not query.dynamic:
        return Step(OPAQUE)
    if method not in _HAND_OFFS:
        return None
    refusal: Refusal | None = None
    if "mixed" in query.state:
        refusal = refuse(refusals.MIXED, f"{method}()")
    elif "from_statement" in query.state:
        refusal = refuse(refusals.STATEMENT, f"{method}() after from_statement()")
    if method in ("subquery", "cte") and renamed_by_union(query):
        refusal = refusal or refuse(refusals.SET_OPERATION, f"{method}()")
    if method in ("subquery", "cte"):
        if any(k.arg not in _HAND_OFFS[method] for k in call.keywords) or len(call.args) > 1:
            refusal = refusal or refuse(refusals.REMOVED, f"{method}() with these arguments")
        return Step(Selectable(names=column_names(query.selects)), refusal=refusal)
    column = query.selects[0] if len(query.selects) == 1 else None
    unhashable = method != "exists" and (column is None or column.unhashable)
    action = None
    if method == "exists" and not query.dynamic:
        action, refused = existence(query)
        refusal = refusal or refused
    if method == "as_scalar" and not query.dynamic:
        action = Action("rename_method", {"name": "scalar_subquery"})
    if refusal is not None:
        action = None
    return Step(Column(unhashable=unhashable), action, refusal=refusal)


_HAND_OFFS: dict[str, frozenset[str]] = {
    "subquery": frozenset({"name"}),
    "cte": frozenset({"name", "recursive", "nesting"}),
    "exists": frozenset(),
    "label": frozenset(),
    "as_scalar": frozenset(),
    "scalar_subquery": frozenset(),
}


def query_member(query: Query, name: str) -> Step:
    """An attribute of a query that is read and not called."""
    if name in ("statement", "selectable"):
        statement = Select(
            "select", query.selects, query.loaded, query.partial, query.state - {BARE}
        )
        if "mixed" in query.state:
            return Step(statement, refusal=refuse(refusals.MIXED, name))
        if "yield_per" in query.state:
            return Step(statement, refusal=refuse(refusals.STREAMING, name))
        if renamed_by_union(query):
            return Step(statement, refusal=refuse(refusals.SET_OPERATION, name))
        return Step(statement, None if query.dynamic else Action("strip_attribute"))
    if name == "whereclause":
        return Step(Column())
    if name == "column_descriptions":
        return Step(OPAQUE)
    if name == "session":
        if query.session is None or query.dynamic:
            return Step(query.session or UNKNOWN, refusal=refuse(refusals.REMOVED, "session"))
        return Step(query.session, Action("session_of_query", {"session": query.session.text}))
    # A method that is taken and not called, say: it is called elsewhere, with who knows what.
    return Step(UNKNOWN, io=True, refusal=refuse(refusals.REMOVED, f"{name} without its call"))
