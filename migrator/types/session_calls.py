"""How a session of unknown type is told: by what hardly anything but a session is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from migrator.index.written import written
from migrator.queries.sessions import OF_ONE
from migrator.queries.step import Refusal, Step
from migrator.queries.types import Column, External, Instance, ModelType, Select, Selectable
from migrator.types.lattice import Value
from migrator.types.names import SESSION_NAMES

#: What ends or sends what a session holds, and what it is given a statement for.
TRANSACTIONAL = frozenset({"commit", "flush", "rollback"})
EXECUTING = frozenset({"execute", "scalar", "scalars"})
#: What a session's async form has to be awaited for.
AWAITED = TRANSACTIONAL | EXECUTING | OF_ONE | {"remove"}
_ENDING = frozenset({"close", "invalidate", "reset"})
#: What a URL or a key alone is asked of anything for.
_GETTING = frozenset({"get", "get_one"})
#: What hardly anything else is asked for: `session.get(url)` may be an HTTP client's.
_TELLING = TRANSACTIONAL | EXECUTING | {
    "add", "add_all", "begin_nested", "bulk_insert_mappings", "bulk_save_objects",
    "bulk_update_mappings", "expunge", "merge", "no_autoflush", "query",
}  # fmt: skip
#: What nothing but a session, or a transaction, is asked for.
_CERTAIN = TRANSACTIONAL | {"add_all", "begin_nested", "no_autoflush"}
#: What tells a connection from a session.
_CONNECTING = ("conn", "bind", "engine", "cursor")
#: Expressions by which the same object may be met twice.
_SPELLED = (ast.Name, ast.Attribute, ast.Subscript)
#: What tells the query of a class that nobody knows from the query of a URL.
QUERY_METHODS = frozenset(
    {
        "all", "count", "delete", "distinct", "exists", "filter", "filter_by", "first",
        "first_or_404", "get", "get_or_404", "group_by", "having", "join", "limit", "offset", "one",
        "one_or_404", "one_or_none", "options", "order_by", "outerjoin", "paginate", "scalar",
        "update", "with_entities", "with_parent",
    }
)  # fmt: skip
#: Of those, the ones that give rows, or a number: the expression alone runs in the bridge.
FETCHING = frozenset(
    {
        "all", "count", "first", "first_or_404", "get", "get_or_404", "one", "one_or_404",
        "one_or_none", "scalar",
    }
)  # fmt: skip

#: Of all of them, what dicts and texts have, too.
_OF_URLS = frozenset({"all", "count", "delete", "first", "get", "join", "update"})

#: A query on a receiver that nobody knows: its function can be converted in no way.
NO_SESSION = Step(
    io=True,
    site=True,
    refusal=Refusal(
        "MIG517",
        "a query on a receiver whose type can't be resolved",
        "Annotate it as a Session, where it is a parameter or an attribute.",
    ),
)
#: A session whose factory nobody knows: in the bridge it is a sync one, as `with` needs it.
UNKNOWN_SESSION = Step(
    io=True,
    refusal=Refusal(
        "MIG517",
        "a session from a factory whose type can't be resolved",
        "Annotate the factory as a sessionmaker, or enter the session where it is made.",
    ),
)

#: What is asked of another distribution's session, which is a sync one here and there.
OUTSIDE = Refusal(
    "MIG110",
    "it asks a session of another distribution, which stays as it is",
    "Convert that distribution together with the application.",
)


def is_query_of(node: ast.expr) -> bool:
    """Whether it reads the attribute `query`, with or without calls after it."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return isinstance(node, ast.Attribute) and node.attr == "query"


def queries_surely(node: ast.Call) -> bool:
    """Whether it is where a query on the attribute `query` of who knows what is counted.

    That is the call that fetches, or else the first one. URLs have a `query`, too: a dict or a text.
    """
    links: list[tuple[str, ast.Call]] = []
    at: ast.expr = node
    while isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute):
        links.append((at.func.attr, at))
        at = at.func.value
    if len(links) > 1 and links[0][0] not in FETCHING:
        return False
    name, first = links[-1]
    if len(links) > 1 or name in QUERY_METHODS - _OF_URLS:
        return True
    if name != "get":
        return not first.args and not first.keywords
    texts = [a for a in first.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return len(first.args) == 1 and not texts


def is_sync_side(node: ast.expr) -> bool:
    """Whether an earlier conversion has said that it is the sync Session."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "sync_side"
    return isinstance(node, ast.Attribute) and node.attr == "sync_session"


def is_transaction(func: ast.Attribute) -> bool:
    """Whether it begins a session's transaction, on whatever receiver."""
    owner = getattr(func.value, "attr", getattr(func.value, "id", ""))
    return func.attr == "begin_nested" or (func.attr == "begin" and owner == "session")


def is_session_call(func: ast.Attribute) -> bool:
    """Whether it is `x.session.commit` or the like: what an unknown `db` has, it may be."""
    return (
        func.attr in AWAITED
        and isinstance(func.value, ast.Attribute)
        and func.value.attr == "session"
    )


def looks_like_session(
    node: ast.Call, func: ast.Attribute, values: Sequence[Value], code: Iterable[ast.AST]
) -> bool:
    """Whether it is what a session is asked to do, on a receiver of whatever name.

    `values` are what the arguments are, `code` is the function around the call.
    """
    if is_session_call(func) or waits_for_session(node, code):
        return True
    name = func.attr
    if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        return False
    if name in TRANSACTIONAL:
        return not values
    if name in OF_ONE:
        return len(values) == 1 and isinstance(values[0], Instance)
    if name in EXECUTING:
        if not values or not isinstance(values[0], Select | Selectable | Column):
            return False
        # `text()` counts as what has columns. Connections, which stay sync, are given it as well.
        return isinstance(values[0], Select) or not _may_connect(func.value)
    return name == "get" and len(values) > 1 and isinstance(values[0], ModelType)


def asks_outside(node: ast.Call, func: ast.Attribute, values: Sequence[Value]) -> bool:
    """Whether it asks for rows, of what another distribution has: a class is queried, or a statement run."""
    if node.keywords or not values:
        return False
    called = getattr(func.value, "id", getattr(func.value, "attr", "")).strip("_").lower()
    if func.attr == "query":
        return called in SESSION_NAMES or any(is_entity(value) for value in values)
    if called not in SESSION_NAMES:
        return False
    if func.attr in EXECUTING:
        return isinstance(values[0], Select)
    return func.attr in _GETTING and len(values) > 1 and is_entity(values[0])


def asks_query(value: External) -> bool:
    """Whether it is the `query` of a class of another distribution, by its name."""
    return value.dotted.endswith(".query") and is_entity(value)


def is_entity(value: Value) -> bool:
    """Whether it is a mapped class or a column of one, or a class of another distribution by its name."""
    if isinstance(value, External):
        return any(
            part[:1].isupper() and not part.isupper() for part in value.dotted.split(".")[-2:]
        )
    return isinstance(value, ModelType | Column)


def _may_connect(node: ast.expr) -> bool:
    """Whether an expression is spelled like a connection, an engine or Alembic's operations."""
    if isinstance(node, ast.Call | ast.Subscript):
        return _may_connect(node.func if isinstance(node, ast.Call) else node.value)
    name = getattr(node, "id", getattr(node, "attr", "")).lower()
    return "op" in name.split("_") or any(part in name for part in _CONNECTING)


def waits_for_session(node: ast.Call, code: Iterable[ast.AST]) -> bool:
    """Whether it is a call that an async session is awaited for, of what is told to be one.

    Its name tells it, or what else `code`, the function, asks it for. Not awaited, `close()` and a
    statement by `execute()` would be lost without a word.
    """
    if not isinstance(node.func, ast.Attribute):
        return False
    of, name = node.func.value, node.func.attr
    if name in _GETTING:
        asked = len(node.args) > 1
    else:
        asked = name in AWAITED or name in _ENDING
    called = getattr(of, "id", getattr(of, "attr", ""))
    return asked and (called.strip("_") in SESSION_NAMES or written(of) in _asked(code, _CERTAIN))


def asked_as_sessions(code: Iterable[ast.AST]) -> set[str]:
    """The names and attributes, as they are written, that nodes ask for what a session does."""
    return _asked(code, _TELLING)


def _asked(code: Iterable[ast.AST], methods: frozenset[str]) -> set[str]:
    return {
        written(node.value)
        for node in code
        if isinstance(node, ast.Attribute)
        and node.attr in methods
        and isinstance(node.value, _SPELLED)
    }
