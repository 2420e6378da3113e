"""The MIG3xx codes: why a query site can't be rewritten natively, and what to do about each.

A refused site loses nothing: its function stays sync and runs in the bridge. Every code has a
page in docs/rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from migrator.queries.step import Refusal

NO_SESSION: Final = "MIG301"
UNKNOWN_METHOD: Final = "MIG302"
UNKNOWN_ENTITY: Final = "MIG303"
AFTER_LIMIT: Final = "MIG304"
SET_OPERATION: Final = "MIG305"
SLICE_BOUNDS: Final = "MIG306"
BULK_WRITE: Final = "MIG307"
GET_WITH_CRITERIA: Final = "MIG308"
LOADER_OPTION: Final = "MIG309"
ROW_NAMES: Final = "MIG310"
UNIQUING: Final = "MIG311"
FILTER_BY_ENTITY: Final = "MIG312"
STREAMING: Final = "MIG313"
HTTP_HELPER: Final = "MIG314"
REMOVED: Final = "MIG315"
SESSION_METHOD: Final = "MIG316"
DYNAMIC: Final = "MIG317"
MIXED: Final = "MIG318"
LEGACY_SELECT: Final = "MIG319"
STATEMENT: Final = "MIG320"
QUERY_CLASS: Final = "MIG321"
GONE: Final = "MIG322"

#: What each code means, in one line. The pages in docs/rules say more.
TITLES: Final[dict[str, str]] = {
    NO_SESSION: "no session at hand for this query",
    UNKNOWN_METHOD: "not a method of SQLAlchemy's Query",
    UNKNOWN_ENTITY: "what the query selects is not known",
    AFTER_LIMIT: "criteria after LIMIT or OFFSET",
    SET_OPERATION: "criteria after a set operation",
    SLICE_BOUNDS: "a slice of something that has no LIMIT",
    BULK_WRITE: "a bulk update or delete that is more than model and criteria",
    GET_WITH_CRITERIA: "get() on a query with criteria or with options from elsewhere",
    LOADER_OPTION: "a loader option that SQLAlchemy 2 doesn't know",
    ROW_NAMES: "names of row items that differ between Query and select()",
    UNIQUING: "rows that can't be made unique the way Query does",
    FILTER_BY_ENTITY: "filter_by() on an entity that can't be named",
    STREAMING: "yield_per() where no stream can stand",
    HTTP_HELPER: "a Flask-SQLAlchemy helper in a form that has no async twin",
    REMOVED: "a query form that a select() doesn't have",
    SESSION_METHOD: "a session method that AsyncSession doesn't have",
    DYNAMIC: "an operation on a dynamic relationship that has no statement",
    MIXED: "a query that was built in different ways on different branches",
    LEGACY_SELECT: "a select([...]) in a form that can't be spread out",
    STATEMENT: "a statement method that needs a connection of its own",
    QUERY_CLASS: "a query class or a listener changes what the query does",
    GONE: "a form that SQLAlchemy 2 has removed",
}

_HINTS: Final[dict[str, str]] = {
    NO_SESSION: "pass the session to the function, or build the query where it is executed",
    UNKNOWN_METHOD: "write the custom method as a function that takes and returns a select()",
    UNKNOWN_ENTITY: "annotate the parameter (type[Model]), or name the entity",
    AFTER_LIMIT: "apply criteria first; Query raises here",
    SET_OPERATION: "put the union in a subquery and select from aliased(Model, subquery)",
    SLICE_BOUNDS: "fetch the rows with .all() and take the slice of the list",
    BULK_WRITE: "write session.execute(update(Model).where(...).values(...))",
    GET_WITH_CRITERIA: "use session.get(Model, id, options=[...])",
    LOADER_OPTION: "use attributes: joinedload(Order.customer)",
    ROW_NAMES: "label the columns: Order.id.label('order_id')",
    UNIQUING: "select the entity alone, or the columns alone",
    FILTER_BY_ENTITY: "use filter(Model.name == value)",
    STREAMING: "loop over the query directly, or drop yield_per()",
    HTTP_HELPER: "use the plain query and abort(404)",
    REMOVED: "nothing; write the query with select() to make it native",
    SESSION_METHOD: "move it into a function of its own: it runs in the bridge",
    DYNAMIC: "write the statement with with_parent()",
    MIXED: "build the query in one way, or execute it on each branch",
    LEGACY_SELECT: "write select(a, b).where(...)",
    STATEMENT: "execute the statement with the session",
    QUERY_CLASS: "give what it changes a method of its own, or with_loader_criteria()",
    GONE: "write it in 2.x form: it raises there as it is",
}


def refuse(code: str, detail: str = "", hint: str = "") -> Refusal:
    """A refusal with its code's title, the detail at hand, and its hint, or another one."""
    reason = TITLES[code] if not detail else f"{TITLES[code]}: {detail}"
    return Refusal(code, reason, hint or _HINTS[code])


def refuse_classes(unread: Sequence[str], several: Iterable[str]) -> Refusal:
    """Query classes that change something: of other distributions, whose source is not read, or several at once."""
    if not unread:
        return refuse(QUERY_CLASS, ", ".join(several))
    package = unread[0].partition(".")[0]
    hint = f"lay the source of {package} beside the application's, in the folder that is PATH: it is read there"
    return refuse(QUERY_CLASS, unread[0], hint)


#: `started().query(Order)`: a statement names the session, and leaves the call of `started` out.
FOUND_BY_DOING: Final = refuse(
    NO_SESSION,
    "what gives it does something besides",
    "give the session a name first: session = get_session()",
)
