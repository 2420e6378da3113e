"""Session methods: which of them are awaited on an AsyncSession, and what they give.

Facts: SQLAlchemy's `ext/asyncio/session.py`. `begin()` and `begin_nested()` are not awaited as
context managers: `effect` says "begin", and the caller turns `with` into `async with` instead of
applying the action.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import reduce

from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries import refusals
from migrator.queries.entities import row_type
from migrator.queries.executions import STREAMED
from migrator.queries.join import join, result_item
from migrator.queries.refusals import refuse
from migrator.queries.removed import subtransaction_step
from migrator.queries.roots import loads_in_joins, query_call
from migrator.queries.step import Action, Refusal, Step, TypeOf
from migrator.queries.terminals import query_member
from migrator.queries.types import (
    APART,
    GIVEN,
    NONE,
    OPAQUE,
    UNKNOWN,
    Alias,
    DictOf,
    External,
    Instance,
    ListOf,
    ModelType,
    Opaque,
    Query,
    Result,
    Row,
    Select,
    Session,
    Type,
    Union,
    Unknown,
)

#: What a `begin()` or `begin_nested()` gives: its commit() and rollback() are awaited.
TRANSACTION = Opaque("sqlalchemy.orm.SessionTransaction")
#: One that an attribute keeps, or that may be something else: whoever gets it takes a sync one.
KEPT_TRANSACTION = Opaque("sqlalchemy.orm.SessionTransaction, kept")
#: What `session.connection()` gives, where a statement is executed on it at once.
CONNECTION = Opaque("sqlalchemy.engine.Connection, asked at once")
#: The methods of it that are executed so.
ON_CONNECTION = frozenset({"execute", "scalar", "scalars", "exec_driver_sql"})
_AWAIT = Action("await_call", awaits=True)
_AWAITED_EFFECTS = {
    "commit": "commit",
    "rollback": "rollback",
    "flush": "flush",
    "close": "close",
    "reset": "close",
    "invalidate": "close",
    "refresh": "refresh",
    "delete": "delete",
    "delete_all": "delete",
}
_SYNC = {
    **dict.fromkeys(("add", "add_all"), "add"),
    **dict.fromkeys(("expire", "expire_all"), "expire"),
    **dict.fromkeys(("expunge", "expunge_all"), "expunge"),
    **dict.fromkeys(("is_modified", "in_transaction", "in_nested_transaction", "get_bind"), ""),
}
_BRIDGED = frozenset(
    {"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings", "prepare"}
)


def session_step(session: Session, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """What one method call on a session means; an unknown method is refused."""
    return as_given(session, method, _step(session, method, call, typeof))


def as_given(session: Session, method: str, step: Step) -> Step:
    """The step, refused where the session is a sync one that SQLAlchemy hands over."""
    if session.given and (step.io or step.site):
        made_by = "a class of sessions makes" if session.name == APART else "SQLAlchemy hands over"
        detail = f"{method}() of the sync session that {made_by}"
        return replace(step, action=None, refusal=refuse(refusals.SESSION_METHOD, detail))
    return step


def _step(session: Session, method: str, call: ast.Call, typeof: TypeOf) -> Step:
    if method == "query":
        return query_call(session, call, typeof)
    if method in ("execute", "scalar", "scalars"):
        return _execute(method, call, typeof)
    if method in ("get", "get_one"):
        return _get(method, call, typeof)
    if method in ("merge", "merge_all"):
        return _merge(method, call, typeof)
    if method in _AWAITED_EFFECTS:
        return Step(NONE, _AWAIT, io=True, effect=_AWAITED_EFFECTS[method])
    if method in _SYNC:
        return Step(NONE if _SYNC[method] else OPAQUE, effect=_SYNC[method])
    if method in ("begin", "begin_nested"):
        return subtransaction_step(call) or Step(TRANSACTION, _AWAIT, io=True, effect="begin")
    if method == "remove":
        return Step(NONE, _AWAIT, io=True, effect="close")
    if method == "registry":
        # That of a `scoped_session`, called: the session of here and now.
        return Step(session if session.name else Session(written(call)))
    if method in _BRIDGED:
        action = Action("run_sync_method", {"method": method}, _METHODCALLER, awaits=True)
        return Step(NONE, action, io=True, site=True, effect="bulk")
    refusal = refuse(refusals.SESSION_METHOD, f"{method}()")
    result = Session(written(call), GIVEN) if method == "object_session" else UNKNOWN
    return Step(result, io=True, refusal=refusal)


#: Methods whose first argument says what they give.
SELECTING = frozenset({"execute", "scalar", "scalars", "get", "get_one"})
_STATEMENTS = SELECTING | {"query"}
#: Methods that wait; one of these, taken as a value, is called with nothing to await it.
_WAITING = _STATEMENTS | {
    "close", "commit", "connection", "delete", "flush", "invalidate", "merge", "refresh", "remove",
    "reset", "rollback", "stream", "stream_scalars",
}  # fmt: skip


#: What a session says of itself, and what converted code asks of an AsyncSession; its other
#: attributes may hold anything.
_PLAIN = frozenset(
    {
        "autoflush", "expire_on_commit", "is_active", "no_autoflush", "run_sync", "sync_session",
        "twophase",
    }
)  # fmt: skip
#: The collections of the objects that it holds.
_OBJECTS = frozenset({"deleted", "dirty", "new"})


def session_member(name: str) -> Step:
    """An attribute of a session that is read and not called."""
    if name in _OBJECTS:
        return Step(ListOf(UNKNOWN))
    if name == "identity_map":
        return Step(DictOf(OPAQUE, UNKNOWN))
    if name not in _WAITING:
        return Step(OPAQUE if name in _PLAIN else UNKNOWN)
    refusal = refuse(refusals.SESSION_METHOD, f"{name} as a value")
    effect = _AWAITED_EFFECTS.get(name, "")
    return Step(UNKNOWN, io=True, site=name in _STATEMENTS, refusal=refusal, effect=effect)


#: Such a method where a `map()` gets it that a comprehension takes the place of.
MAPPED = External("sqlalchemy.orm.Session, awaited")
#: Methods that are given one object, and waited for.
OF_ONE = frozenset({"delete", "merge", "refresh"})
#: Methods that take an object as it is, expired or not.
OF_WHOLE = OF_ONE | {"add", "expire", "expunge"}


def mapped_step(session: Session, name: str) -> Step:
    """`list(map(session.delete, rows))`: a comprehension waits for one after the other."""
    effect = _AWAITED_EFFECTS.get(name, name)
    return as_given(session, name, Step(UNKNOWN, Action("await_each"), io=True, effect=effect))


_METHODCALLER = (("operator", "methodcaller"),)


def kept_transaction() -> Step:
    """A transaction that leaves the place where it was begun, or is used away from it."""
    refusal = refuse(refusals.SESSION_METHOD, "a transaction that is kept")
    return Step(UNKNOWN, io=True, refusal=refusal)


def transaction_step(method: str) -> Step:
    """A method of what `begin()` or `begin_nested()` gave (type `TRANSACTION`)."""
    if method in ("commit", "rollback", "close"):
        return Step(NONE, _AWAIT, io=True, effect=method)
    return Step(UNKNOWN, io=True, refusal=refuse(refusals.SESSION_METHOD, f"{method}()"))


def _execute(method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """`execute`, `scalar`, `scalars` of a statement: awaited, nothing else changes."""
    if not call.args:
        given = [k.value for k in call.keywords if k.arg in ("statement", "clause")]
        statement: Type = typeof(given[0]) if given else UNKNOWN
    else:
        statement = typeof(call.args[0])
    refusal: Refusal | None = None
    if isinstance(statement, Query):
        at = call.args[0] if call.args else given[0]
        statement, refusal = query_executed(
            method, statement, loads_in_joins(statement, at, typeof)
        )
    elif _streams(call) or (isinstance(statement, Select) and STREAMED in statement.state):
        # An AsyncSession has another method for it.
        refusal = refuse(refusals.STREAMING, f"{method}() of a stream")
    result: Type = UNKNOWN
    if isinstance(statement, Select):
        rows = Result(statement.selects, method == "scalars", statement.loaded, statement.partial)
        result = rows
        if method == "scalar":
            scalars = Result(statement.selects, True, statement.loaded, statement.partial)
            found = result_item(scalars)
            result = UNKNOWN if isinstance(found, Unknown) else join(found, NONE)
    elif method != "scalar":
        result = Result(scalars=method == "scalars")
    effect = "bulk" if isinstance(statement, Select) and statement.verb != "select" else ""
    if refusal is not None:
        return Step(result, io=True, site=True, refusal=refusal, effect=effect)
    return Step(result, _AWAIT, io=True, site=True, effect=effect)


def query_executed(method: str, query: Query, in_joins: bool) -> tuple[Select, Refusal | None]:
    """What a Query is that a session executes: its statement, whose rows are not made unique.

    It loads nothing eagerly, which a select() does: that goes wrong where collections are loaded `in_joins`.
    Its rows have the names of a Query's.

    Facts: `Query.__clause_element__` of SQLAlchemy 2.0; 2.1 executes none.
    """
    made = query_member(query, "statement")
    assert isinstance(made.result, Select)
    row = row_type(query.selects, frozenset(), partial=False, legacy=True)
    named = isinstance(row, Instance | Row) and not (isinstance(row, Row) and row.renamed)
    told = named if method == "execute" else bool(query.selects)
    if made.refusal is None and (not told or in_joins or query.dynamic):
        return made.result, refuse(refusals.STATEMENT, f"{method}() of a Query")
    return made.result, made.refusal


def connection_step(session: Session) -> Step:
    """`session.connection()`, of which nothing is kept."""
    return as_given(session, "connection", Step(CONNECTION, _AWAIT, io=True))


def on_connection(method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """`session.connection().execute(...)`: rows of columns, whatever the statement selects.

    The objects of the session take no notice of it.
    """
    result = UNKNOWN if method == "scalar" else Result(scalars=method == "scalars")
    statement = typeof(call.args[0]) if call.args else UNKNOWN
    if isinstance(statement, Query):
        refusal = refuse(refusals.STATEMENT, f"{method}() of a Query")
        return Step(result, io=True, site=True, refusal=refusal)
    if _streams(call) or (isinstance(statement, Select) and STREAMED in statement.state):
        refusal = refuse(refusals.STREAMING, f"{method}() of a stream")
        return Step(result, io=True, site=True, refusal=refusal)
    return Step(result, _AWAIT, io=True, site=True)


def _streams(call: ast.Call) -> bool:
    """Whether the options of an execution ask for a cursor of the server's."""
    return any(
        isinstance(node, ast.Constant) and node.value in ("yield_per", "stream_results")
        for keyword in call.keywords
        if keyword.arg == "execution_options"
        for node in walk(keyword.value)
    )


def _get(method: str, call: ast.Call, typeof: TypeOf) -> Step:
    entity = typeof(call.args[0]) if call.args else UNKNOWN
    found: Type = UNKNOWN
    one = entity.ordered if isinstance(entity, Union) else (entity,)
    if all(isinstance(o, ModelType | Alias) for o in one):
        instances: list[Type] = [Instance(o.key) for o in one if isinstance(o, ModelType | Alias)]
        found = reduce(join, instances if method == "get_one" else [*instances, NONE])
    return Step(found, _AWAIT, io=True, site=True)


def _merge(method: str, call: ast.Call, typeof: TypeOf) -> Step:
    given = typeof(call.args[0]) if call.args else UNKNOWN
    result: Type = UNKNOWN
    one = [o for o in given.ordered if o != NONE] if isinstance(given, Union) else [given]
    if method == "merge" and len(one) == 1 and isinstance(one[0], Instance):
        result = Instance(one[0].key, made=True)  # It may be a new one.
    elif method == "merge_all":
        result = ListOf(UNKNOWN)
    return Step(result, _AWAIT, io=True, effect="merge")
