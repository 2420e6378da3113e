"""What Flask-SQLAlchemy-Lite's `db` has: named sessions, and queries that end in an HTTP error.

Facts: `flask_sqlalchemy_lite/_extension.py`, version 0.2. Its engines are Flask-SQLAlchemy's to us.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from migrator.index.written import written
from migrator.queries.helpers import first_selected
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import (
    UNKNOWN,
    Instance,
    ModelType,
    Opaque,
    Session,
    Type,
)

_ASYNC_SESSION = Opaque("sqlalchemy.ext.asyncio.AsyncSession")
#: Attributes; what is asynchronous already stays as it is.
MEMBERS: Mapping[str, Type] = {
    "async_session": _ASYNC_SESSION,
    "async_engine": Opaque("sqlalchemy.ext.asyncio.AsyncEngine"),
    "async_engines": Opaque("dict"),
    "async_sessionmaker": Opaque("sqlalchemy.ext.asyncio.async_sessionmaker"),
    "sessionmaker": UNKNOWN,
}
METHODS = frozenset({"get_session", "get_async_session", "get_or_abort", "one_or_abort"})


def step(method: str, call: ast.Call, typeof: TypeOf) -> Step:
    """`db.get_session("reports")`, `db.get_or_abort(Order, id)` and their like."""
    if method == "get_session":
        return Step(Session(written(call)))
    if method == "get_async_session":
        return Step(_ASYNC_SESSION)
    given = [*call.args, *(k.value for k in call.keywords if k.arg in ("entity", "select"))]
    first = typeof(given[0]) if given else UNKNOWN
    awaited = Action("await_call", awaits=True)
    if method == "get_or_abort":
        result: Type = Instance(first.key) if isinstance(first, ModelType) else UNKNOWN
    elif any(k.arg in ("scalar", None) for k in call.keywords):
        result = UNKNOWN
    else:
        result = first_selected(first)
    return Step(result, awaited, io=True, site=True)
