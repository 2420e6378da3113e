"""Connections that an engine gives, beside sessions: what SQLAlchemy 1.x read into their calls.

They stay what they are. A text goes to the driver as it is, which is `exec_driver_sql()` since; what
else is gone is told. https://docs.sqlalchemy.org/en/20/changelog/migration_20.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.queries import refusals
from migrator.queries.refusals import refuse
from migrator.queries.removed import ENGINE, OF_EXTENSION, text_given
from migrator.queries.step import Action, Step, TypeOf
from migrator.queries.types import (
    OPAQUE,
    UNKNOWN,
    DictOf,
    ListOf,
    Opaque,
    Result,
    Select,
    Session,
    TupleOf,
    Type,
)

#: A text that a connection is given: 1.x handed it to the driver.
DRIVER_TEXT = Action("driver_text")
_CONNECTED = Opaque("sqlalchemy.engine.Connection, connected")
_BEGUN = Opaque("sqlalchemy.engine.Connection, begun")
#: The same of the extension's engine: what asks them may be in the bridge.
_CONNECTED_THERE = Opaque("sqlalchemy.engine.Connection, connected by the extension")
_BEGUN_THERE = Opaque("sqlalchemy.engine.Connection, begun by the extension")
#: A session's, kept.
_KEPT = Opaque("sqlalchemy.engine.Connection of a session")
_OPENED: dict[tuple[Type, str], Type] = {
    (ENGINE, "connect"): _CONNECTED,
    (ENGINE, "begin"): _BEGUN,
    (OF_EXTENSION, "connect"): _CONNECTED_THERE,
    (OF_EXTENSION, "begin"): _BEGUN_THERE,
}
#: What each is to all that asks for more than what is here.
_PLAINLY: dict[Type, Type] = {
    _CONNECTED: OPAQUE,
    _BEGUN: OPAQUE,
    _CONNECTED_THERE: UNKNOWN,
    _BEGUN_THERE: UNKNOWN,
    _KEPT: UNKNOWN,
}
#: Opened in async code, that of the extension's engine would wait for the loop.
IN_THE_BRIDGE = Step(
    io=True, refusal=refuse(refusals.STATEMENT, "a connection of the extension's engine")
)
_RESULTS = frozenset({"exec_driver_sql", "execute", "scalars"})
_KEYWORDS = frozenset({"execution_options", "parameters", "statement"})
_EXECUTING = frozenset({"execute", "scalar", "scalars"})
_WRITES = ("alter", "create", "delete", "drop", "insert", "replace", "truncate", "update")
#: What commits, or says that each statement does.
_COMMITTING = frozenset({"begin", "begin_nested", "begin_twophase", "commit", "AUTOCOMMIT"})
_OF_ENGINES = frozenset({"contextual_connect", "has_table", "table_names"})


def opened(owner: Type, method: str, value: Type | None) -> Type | None:
    """What a method of an engine or of its connection gives, which is `value` to all others."""
    if owner in _PLAINLY:
        if method in _RESULTS:
            # Rows of columns, whatever the statement selects.
            return Result(scalars=method == "scalars")
        return owner if method == "execution_options" else value
    if isinstance(owner, Session) and method == "connection" and value == UNKNOWN:
        return _KEPT
    return _OPENED.get((owner, method), value)


def plainly(value: Type) -> Type:
    """What a connection is to all that knows nothing of it."""
    return _PLAINLY.get(value, value)


def is_connection(value: Type | None) -> bool:
    """Whether it is such a connection."""
    return value in _PLAINLY


def is_of_extension(value: Type | None) -> bool:
    """Whether it is one of the extension's engine."""
    return value in (_CONNECTED_THERE, _BEGUN_THERE)


def given_text(method: str, call: ast.Call, typeof: TypeOf) -> bool:
    """Whether it is `execute("SELECT ...")` with parameters that `exec_driver_sql()` takes as well."""
    if method != "execute" or call.keywords or len(call.args) > 2:
        return False
    return text_given(call, typeof) is not None and all(
        map(_parameters, map(typeof, call.args[1:]))
    )


def _parameters(value: Type) -> bool:
    """A dict or a tuple of them, or a list of those."""
    one = value.item if isinstance(value, ListOf) else value
    return isinstance(one, DictOf | TupleOf)


def gone_on(owner: Type, method: str, call: ast.Call, typeof: TypeOf) -> str:
    """What 2.x refuses of a call on an engine or a connection; "" where it is none of it."""
    if method in _OF_ENGINES and owner in (ENGINE, OF_EXTENSION):
        return f"{method}() of an engine"
    return gone_call(method, call, typeof) if method in _EXECUTING and owner in _PLAINLY else ""


def gone_call(method: str, call: ast.Call, typeof: TypeOf) -> str:
    """The same of a connection's, wherever it is from."""
    if method not in _EXECUTING or given_text(method, call, typeof):
        return ""
    if text_given(call, typeof) is not None:
        return f"{method}() of a text by a connection"
    names = [k.arg for k in call.keywords if k.arg not in _KEYWORDS]
    if names or len(call.args) > 2:
        return f"{method}() with parameters that are no dict and no list"
    return ""


def uncommitted(
    owner: Type, method: str, call: ast.Call, typeof: TypeOf, code: Iterable[ast.AST]
) -> bool:
    """Whether `code`, which is around the call, writes by a connection and nowhere commits.

    SQLAlchemy 1.x did so by itself.
    """
    if method not in _RESULTS or owner not in (_CONNECTED, _CONNECTED_THERE) or not call.args:
        return False
    statement = call.args[0]
    while isinstance(statement, ast.Call) and statement.args:
        statement = statement.args[0]  # text("...")
    text = statement.value if isinstance(statement, ast.Constant) else ""
    given = typeof(call.args[0])
    writes = isinstance(given, Select) and given.verb != "select"
    if not (writes or str(text).lstrip().lower().startswith(_WRITES)):
        return False
    names = {getattr(n, "attr", getattr(n, "value", None)) for n in code if _says(n)}
    return names.isdisjoint(_COMMITTING)


def _says(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


__all__ = [
    "DRIVER_TEXT", "IN_THE_BRIDGE", "given_text", "gone_call", "gone_on", "is_connection",
    "is_of_extension", "opened", "plainly", "uncommitted",
]  # fmt: skip
