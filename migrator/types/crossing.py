"""Queries that cross from one function into another: which session they run on there.

A module-level session (`db.session`) is the same everywhere. A local one is known by an expression
(`session`, `self.session`) that means something in its own function alone: crossing a call, it is
spelled by the parameter or the argument that stands for it, or else it is not known any more. So it
is where nobody writes the call (a property, `__iter__`), and where an object or a module keeps a query.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from migrator.index.definitions import FunctionInfo
from migrator.index.signature import positional
from migrator.index.written import written
from migrator.queries.middles import BY_KEY
from migrator.queries.types import (
    NOWHERE,
    UNKNOWN,
    DictOf,
    ListOf,
    Query,
    Session,
    TupleOf,
    Type,
    Union,
)
from migrator.types.lattice import Value, holds_query

#: Begins the name of a parameter in the text of a query's session: no expression at hand denotes it.
OF_PARAMETER = NOWHERE
#: Stands for the object whose attribute holds a query.
_OWNER = f"{NOWHERE}owner"


def respelled(value: Value, spellings: Mapping[str, str | Session], otherwise: str = "") -> Value:
    """The value with every query's local session spelled by `spellings`, or by `otherwise`."""

    def change(query: Query) -> Query:
        session = query.session
        if session is None or session.name:
            return query
        found = spell(session.text, spellings) or otherwise
        if isinstance(found, Session):
            return replace(query, session=found)
        return replace(query, session=Session(found) if found else None)

    return _transform(value, change)


def made_by_itself(value: Value, method: FunctionInfo, owner: ast.expr | None) -> Value:
    """What a method gives that Python calls on the object that `owner` denotes, if anything does."""
    own = next((a.arg for a in positional(method.node.args)), "")
    text = simple(owner) if owner is not None else ""
    return respelled(value, {own: text} if own and text else {})


def kept_there(value: Value, owner: ast.expr | None = None) -> Value:
    """A value as it is kept for other functions: as an attribute of `owner`, or anywhere else."""
    text = simple(owner) if owner is not None else ""
    return respelled(value, {text: _OWNER} if text else {})


def read_from(value: Value, owner: ast.expr) -> Value:
    """What an object keeps, for the function that reads it."""
    text = simple(owner)
    return respelled(value, {_OWNER: text} if text else {})


def without_calls(value: Value) -> Value:
    """The value with no session that a call gives: made again, it would be another one.

    That of a parameter's query is given from outside, and is the same wherever the function asks.
    """

    def change(query: Query) -> Query:
        session = query.session
        if (
            session is None
            or session.name
            or all(p.isidentifier() for p in session.text.removeprefix(OF_PARAMETER).split("."))
        ):
            return query
        return replace(query, session=None)

    return _transform(value, change)


def spell(text: str, spellings: Mapping[str, str | Session]) -> str | Session:
    """`session.x` with its beginning replaced; "" when no spelling is known."""
    for known, new in spellings.items():
        if text == known:
            return new
        if text.startswith(known + ".") and isinstance(new, str) and new:
            return new + text[len(known) :]
    return ""


def session_of(value: Value) -> str | Session:
    """The session of the query, or queries, in a value; "" when there isn't just one."""
    found: set[Session | None] = set()

    def note(query: Query) -> Query:
        found.add(query.session)
        return query

    _transform(value, note)
    return (found.pop() or "") if len(found) == 1 else ""


def named_here(query: Query, denotes: Callable[[str, str], bool]) -> Query:
    """The query with no name for an entity but one that stands for it here.

    `denotes(text, key)` says whether a name does. An entity without a name is known by its
    model's key; an alias is not known at all then.
    """
    first = query.selects[0] if query.selects else None
    if first is not None and first.key and query.lead not in ("", "?"):
        known = denotes(query.lead, "" if first.alias else first.key)
        query = query if known else replace(query, lead="?" if first.alias else "")
    last = query.last_joined
    if last in ("", "?") or last.startswith(BY_KEY) or denotes(last, query.joined_key):
        return query
    return replace(query, last_joined=BY_KEY + query.joined_key if query.joined_key else "?")


def simple(node: ast.expr) -> str:
    """The text of a name or dotted name; "" for anything that computes."""
    inner = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return written(node) if isinstance(inner, ast.Name) else ""


def _transform(value: Value, change: Callable[[Query], Query]) -> Value:
    if not holds_query(value):
        return value
    match value:
        case Query():
            return change(value)
        case ListOf(item, going):
            return ListOf(_some(_transform(item, change)), going)
        case DictOf(key, item, known, closed):
            known = tuple((name, _some(_transform(held, change))) for name, held in known)
            return DictOf(key, _some(_transform(item, change)), known, closed)
        case TupleOf(items):
            return TupleOf(tuple(_some(_transform(i, change)) for i in items))
        case Union(options):
            changed = frozenset(_some(_transform(o, change)) for o in options)
            return Union(changed) if len(changed) > 1 else next(iter(changed))
    return value


def _some(value: Value) -> Type:
    return UNKNOWN if value is None else value
