"""Joins over types with a bottom (None: not reached yet), and what holds for nested types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from migrator.queries.join import join as _join
from migrator.queries.join import known_of_both
from migrator.queries.types import (
    EMPTY,
    NONE,
    UNKNOWN,
    ClassType,
    DictOf,
    Function,
    Instance,
    ListOf,
    Object,
    Opaque,
    Pagination,
    Query,
    Row,
    TupleOf,
    Type,
    Union,
    Unknown,
)

Value: TypeAlias = Type | None
_Kinds: TypeAlias = type[Type] | tuple[type[Type], ...]
_MAX_DEPTH = 4
#: The types that hold others.
HOLDING = frozenset({ListOf, Pagination, DictOf, TupleOf, Row, Union})
#: What nobody knows, beside a method that it may hide: joined with Unknown, the method would be lost.
HIDING = Opaque("<hiding>")


def join(a: Value, b: Value) -> Value:
    """Least upper bound; None (nothing yet) is neutral. Deeply nested types become Unknown."""
    if a is b or b is None:
        return a
    if a is None:
        # What a function that calls itself builds out of its own result grows for ever.
        return capped(b) if type(b) in HOLDING else b
    if (type(a) is type(b) and a == b) or (type(a) is Opaque and a == EMPTY):
        return b
    if type(b) is Opaque and b == EMPTY:
        return a
    match a, b:
        case ListOf(x, going), ListOf(y, too):
            return capped(ListOf(_some(join(x, y)), going | too))
        case DictOf(k, v) as this, DictOf(l, w) as other:
            known = known_of_both(this, other, _joined)
            return capped(DictOf(_some(join(k, l)), _some(join(v, w)), *known))
    return capped(_join(a, b))


def join_all(values: Iterable[Value]) -> Value:
    result: Value = None
    for value in values:
        result = join(result, value)
    return result


def capped(value: Type, depth: int = 0) -> Type:
    """The type with everything nested deeper than a few levels replaced by Unknown."""
    if depth >= _MAX_DEPTH:
        return UNKNOWN
    return value if type(value) not in HOLDING else _capped(value, depth)


@lru_cache(maxsize=1 << 15)
def _capped(value: Type, depth: int) -> Type:
    match value:
        case ListOf(item, going):
            return ListOf(capped(item, depth + 1), going)
        case Pagination(item):
            return Pagination(capped(item, depth + 1))
        case DictOf(k, v):
            known = _of_known(value, lambda item: capped(item, depth + 1))
            return DictOf(capped(k, depth + 1), capped(v, depth + 1), known, value.closed)
        case TupleOf(items):
            return TupleOf(tuple(capped(i, depth + 1) for i in items))
        case Row(items):
            return replace(value, items=tuple(capped(i, depth + 1) for i in items))
        case Union(options) if any(type(o) in HOLDING for o in options):
            made = frozenset(capped(o, depth) for o in options)
            if UNKNOWN in made:
                return UNKNOWN
            return Union(made) if len(made) > 1 else next(iter(made))
    return value


def hidden(method: Value, value: Value) -> Value:
    """A method, where an attribute of its name may hold `value` instead."""
    return join(method, HIDING if isinstance(value, Unknown) else value)


def options(value: Value) -> list[Type]:
    """The alternatives of a union, None-the-value left out; [] for bottom."""
    if value is None:
        return []
    if isinstance(value, Union):
        return list(_options(value))
    return [value]


@lru_cache(maxsize=1 << 15)
def _options(value: Union) -> tuple[Type, ...]:
    return tuple(option for option in value.ordered if option != NONE)


def transform(value: Value, change: Callable[[Instance], Instance]) -> Value:
    """The type with `change` applied to every instance in it."""
    return _transform(value, lambda v: change(v) if isinstance(v, Instance) else v, Instance)


def _transform(value: Value, change: Callable[[Type], Type], kinds: _Kinds) -> Value:
    if type(value) not in HOLDING:
        return change(value) if value is not None and isinstance(value, kinds) else value
    if not holds(value, kinds):
        return value  # The same object: most comparisons of types end there.
    match value:
        case ListOf(item, going):
            return ListOf(_some(_transform(item, change, kinds)), going)
        case Pagination(item):
            return Pagination(_some(_transform(item, change, kinds)))
        case DictOf(k, v):
            known = _of_known(value, lambda item: _some(_transform(item, change, kinds)))
            inner = _some(_transform(k, change, kinds)), _some(_transform(v, change, kinds))
            return DictOf(*inner, known, value.closed)
        case TupleOf(items):
            return TupleOf(tuple(_some(_transform(i, change, kinds)) for i in items))
        case Row(items):
            return replace(value, items=tuple(_some(_transform(i, change, kinds)) for i in items))
        case Union(alternatives):
            return Union(frozenset(_some(_transform(o, change, kinds)) for o in alternatives))
    return value


def _joined(a: Type, b: Type) -> Type:
    return _some(join(a, b))


def _of_known(value: DictOf, change: Callable[[Type], Type]) -> tuple[tuple[str, Type], ...]:
    """What is under each known key of a dict, changed."""
    return tuple((key, change(item)) for key, item in value.known)


def _some(value: Value) -> Type:
    return UNKNOWN if value is None else value


def stale(value: Value) -> Value:
    """After a commit: every instance may be expired, and nothing is known to be loaded."""
    return _transform(value, _expired, (Instance, Unknown))


def _expired(value: Type) -> Type:
    if isinstance(value, Instance):
        # What loads it again, loads with it what the mapping says.
        known = replace(value, loaded=frozenset(), fresh=False, made=False, changed=False)
        return replace(known, stale=True)
    return replace(value, stale=True) if isinstance(value, Unknown) and value.holding else value


def refreshed(value: Value) -> Value:
    if not holds_stale(value):
        return value
    return transform(value, lambda i: replace(i, stale=False) if i.stale else i)


def parts(value: Value) -> Sequence[Type]:
    """The type, and those nested in it; nothing of bottom."""
    if value is None:
        return ()
    if type(value) not in HOLDING:
        return (value,)
    return _parts(value)


@lru_cache(maxsize=1 << 15)
def _parts(value: Type) -> tuple[Type, ...]:
    found: list[Type] = [value]
    for part in found:
        match part:
            case ListOf(item) | Pagination(item):
                found.append(item)
            case DictOf(k, v):
                found += (k, v)
            case TupleOf(items) | Row(items):
                found += items
            case Union(alternatives):
                found += alternatives
    return tuple(found)


def holds(value: Value, kinds: _Kinds) -> bool:
    """Whether the type, or one nested in it, is one of `kinds`."""
    if value is None or type(value) not in HOLDING:
        return isinstance(value, kinds)
    return not _kinds_in(value).isdisjoint(kinds if isinstance(kinds, tuple) else (kinds,))


@lru_cache(maxsize=1 << 15)
def _kinds_in(value: Type) -> frozenset[type]:
    return frozenset(map(type, _parts(value)))


def holds_instance(value: Value) -> bool:
    return holds(value, Instance)


def holds_stale(value: Value) -> bool:
    if type(value) not in HOLDING:
        return isinstance(value, Instance) and value.stale
    return any(isinstance(part, Instance) and part.stale for part in parts(value))


def holds_query(value: Value) -> bool:
    if type(value) not in HOLDING:
        return isinstance(value, Query)
    return bool(queries_in(value))


def queries_in(value: Value) -> Sequence[Query]:
    """The queries that a value is or holds: also under a key of a dict of which nobody knows all."""
    if isinstance(value, Query):
        return (value,)
    return _queries_in(value) if value is not None and type(value) in HOLDING else ()


@lru_cache(maxsize=1 << 15)
def _queries_in(value: Type) -> tuple[Query, ...]:
    found = dict.fromkeys(part for part in _parts(value) if isinstance(part, Query))
    for part in _parts(value):
        if isinstance(part, DictOf):
            found |= dict.fromkeys(q for _, item in part.known for q in queries_in(item))
    return tuple(found)


def hides_query(value: Value, result: Value) -> bool:
    """Whether a query of `value` is known no more in what was made of it."""
    if not holds_query(value):
        return False
    if not holds_query(result):
        return True
    kept = _places_of_queries(result)
    return None not in kept and not _places_of_queries(value) <= kept


@lru_cache(maxsize=1 << 15)
def _places_of_queries(value: Type) -> frozenset[str | None]:
    """The keys under which a dict has queries, of all whose keys are known; None for any other place."""
    match value:
        case Query():
            return frozenset((None,))
        case ListOf(item) | Pagination(item):
            return _places_of_queries(item)
        case TupleOf(items) | Row(items) | Union(items):
            return frozenset(place for item in items for place in _places_of_queries(item))
        case DictOf(_, item, known, closed):
            under = frozenset(key for key, held in known if holds_query(held))
            return under if closed else under | _places_of_queries(item)
    return frozenset()


def holds_convertible(value: Value) -> bool:
    """Whether a query is in it that becomes a select; one of lazy="dynamic" stays what it is."""
    return any(not query.dynamic for query in queries_in(value))


def may_give(value: Value) -> bool:
    """Whether code that gets this value may give one of the repository's back, or a function."""
    return may_load(value) or holds(value, (Function, ClassType))


def may_load(value: Value) -> bool:
    """Whether code that gets this value may reach the database through it."""
    return holds(value, (Instance, Query, Unknown, Object))
