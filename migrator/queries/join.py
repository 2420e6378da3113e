"""Where control flow meets: the least upper bound of two types, and the items of containers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from migrator.queries.entities import item_of, row_type
from migrator.queries.plain import within
from migrator.queries.types import (
    EMPTY,
    MAX_KEYS,
    MAX_OPTIONS,
    MAX_QUERIES,
    NONE,
    OPAQUE,
    UNKNOWN,
    Alias,
    Column,
    DictOf,
    Function,
    Instance,
    ListOf,
    ModelType,
    Opaque,
    Pagination,
    Query,
    Result,
    Row,
    Select,
    Selected,
    Session,
    TupleOf,
    Type,
    Union,
    Unknown,
)

#: States that change how a query is executed: it can't be both with and without.
_FORMS = frozenset({"from_statement", "set_op", "yield_per", "mixed"})


def join(a: Type, b: Type) -> Type:
    """The least type that both are of. Unknown absorbs; unions are flat and capped."""
    if a == b:
        return a
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return unknown_of(a, b)
    options: list[Type] = list(a.ordered) if isinstance(a, Union) else [a]
    if isinstance(a, Union) and (b in a.options or isinstance(b, Function)):
        return a if b in a.options else Union(a.options | {b})
    for option in b.ordered if isinstance(b, Union) else [b]:
        for index, other in enumerate(options):
            merged = _merge(other, option)
            if merged is not None:
                options[index] = merged
                break
        else:
            options.append(option)
    distinct = frozenset(options)
    if len(distinct) == 1:
        return options[0]
    # Functions are kept, however many: one that is lost would be called without an await.
    several = sum(not isinstance(o, Function | Query) for o in distinct)
    queries = sum(isinstance(o, Query) for o in distinct)
    too_many = several > MAX_OPTIONS or queries > MAX_QUERIES
    return unknown_of(*distinct) if too_many else Union(distinct)


def unknown_of(*values: Type) -> Unknown:
    """What is not known, and may be or hold the mapped objects that are in such values."""
    found = [part for value in values for part in _mapped(value)]
    return Unknown(
        any(isinstance(value, Unknown) and value.strange for value in values),
        frozenset(key for keys, _ in found for key in keys),
        any(stale for _, stale in found),
    )


def _mapped(value: Type) -> Iterator[tuple[frozenset[str], bool]]:
    """The mapped classes whose objects a value is or holds, and whether these may have expired."""
    match value:
        case Instance(key, stale=stale):
            yield frozenset({key}), stale
        case Unknown(holding=holding, stale=stale) if holding:
            yield holding, stale
        case ListOf(item) | Pagination(item):
            yield from _mapped(item)
        case DictOf(key, item):
            yield from _mapped(key)
            yield from _mapped(item)
        case TupleOf(items) | Row(items):
            for item in items:
                yield from _mapped(item)
        case Union(options):
            for item in options:
                yield from _mapped(item)


def _merge(a: Type, b: Type) -> Type | None:
    """One type for two of a kind; None where they stay apart."""
    if a == b:
        return a
    match a, b:
        case Opaque(), Opaque():
            # What may hold what others gave it stays what it is: its name tells what it has itself.
            plain = isinstance(within(a), Opaque) and isinstance(within(b), Opaque)
            return OPAQUE if plain and NONE not in (a, b) else None
        case Instance(), Instance() if a.key == b.key:
            return replace(
                a,
                loaded=a.loaded & b.loaded,
                fresh=a.fresh and b.fresh,
                **{n: getattr(a, n) or getattr(b, n) for n in _worse(a)},
            )
        case ListOf(), ListOf():
            return ListOf(join(a.item, b.item), a.going | b.going)
        case Pagination(), Pagination():
            return Pagination(join(a.item, b.item))
        case DictOf(), DictOf():
            return DictOf(join(a.key, b.key), join(a.value, b.value), *known_of_both(a, b, join))
        case TupleOf(), TupleOf():
            return TupleOf(_zip(a.items, b.items)) if len(a.items) == len(b.items) else None
        case (TupleOf(), ListOf()) | (ListOf(), TupleOf()):
            return ListOf(join(item_type(a), item_type(b)))
        case Row(), Row() if len(a.items) == len(b.items):
            names = a.names if a.names == b.names else ()
            return Row(_zip(a.items, b.items), names, a.renamed or b.renamed)
        case Query(), Query():
            return _queries(a, b)
        case Select(), Select() if (a.verb, a.selects) == (b.verb, b.selects):
            return replace(
                a,
                loaded=a.loaded & b.loaded,
                partial=a.partial or b.partial,
                state=a.state | b.state,
                pinned=a.pinned & b.pinned,
            )
        case Session(), Session() if a.name == b.name and a.name:
            return replace(a, text=min(a.text, b.text))
        case ModelType(), ModelType() if a.key == b.key:
            return ModelType(a.key, min(a.text, b.text), a.eager or b.eager)
        case Alias(), Alias() if a.key == b.key:
            return Alias(a.key, min(a.text, b.text), a.eager or b.eager)
        case Column(), Column():
            return Column(
                key=a.key if a.key == b.key else "?",
                aggregate=a.aggregate and b.aggregate,
                unhashable=a.unhashable or b.unhashable,
            )
    return None


def known_of_both(
    a: DictOf, b: DictOf, join: Callable[[Type, Type], Type]
) -> tuple[tuple[tuple[str, Type], ...], bool]:
    """What is under the keys of what may be either dict, or has taken in the other one; and whether that is all."""
    of_a, of_b = dict(a.known), dict(b.known)
    found: dict[str, Type] = {}
    for key in {**of_a, **of_b}:
        if key in of_a and key in of_b:
            found[key] = join(of_a[key], of_b[key])
        elif (b if key in of_a else a).closed:
            found[key] = of_a[key] if key in of_a else of_b[key]
    if len(found) > MAX_KEYS:
        return (), False
    return tuple(sorted(found.items())), a.closed and b.closed


def _worse(a: Instance) -> list[str]:
    return [name for name in ("partial", "stale", "made", "changed") if hasattr(a, name)]


def _zip(a: tuple[Type, ...], b: tuple[Type, ...]) -> tuple[Type, ...]:
    return tuple(join(x, y) for x, y in zip(a, b, strict=True))


def _queries(a: Query, b: Query) -> Query | None:
    """Two histories of one kind of query: what either may have gone through counts."""
    selects = _selects(a.selects, b.selects)
    if selects is None or a.dynamic != b.dynamic or a.cls != b.cls:
        return None
    state = a.state | b.state
    if (a.state & _FORMS) != (b.state & _FORMS):
        state |= {"mixed"}
    same_join = (a.last_joined, a.joined_key) == (b.last_joined, b.joined_key)
    return Query(
        selects,
        session=a.session if a.session == b.session else None,
        lead=a.lead if a.lead == b.lead else (selects[0].text if selects else ""),
        last_joined=a.last_joined if same_join else "?",
        joined_key=a.joined_key if same_join else "",
        multi_from=a.multi_from or b.multi_from,
        state=state,
        loaded=a.loaded & b.loaded,
        dynamic=a.dynamic,
        partial=a.partial or b.partial,
        cls=a.cls,
    )


def _selects(a: tuple[Selected, ...], b: tuple[Selected, ...]) -> tuple[Selected, ...] | None:
    if len(a) != len(b):
        return None
    merged: list[Selected] = []
    for x, y in zip(a, b, strict=True):
        if (x.kind, x.key) != (y.kind, y.key):
            return None
        merged.append(
            Selected(
                x.kind,
                x.key,
                x.text if x.text == y.text else "",
                x.label if x.label == y.label else "?",
                x.unhashable or y.unhashable,
                x.of if x.of == y.of else "?",
                x.alias or y.alias,
                x.named and y.named and x.label == y.label,
                x.plain and y.plain,
            )
        )
    return tuple(merged)


def item_type(value: Type) -> Type:
    """What a loop over the value yields."""
    match value:
        case ListOf(item) | Pagination(item):
            return item
        case DictOf(key, _):
            return key
        case TupleOf(()):
            return EMPTY
        case TupleOf(items) | Row(items):
            return _all(items) if items else UNKNOWN
        case Result():
            return result_item(value)
        case Query():
            return row_type(value.selects, value.loaded, value.partial, legacy=True)
        case Union():
            return _all(tuple(item_type(o) for o in value.ordered if o != NONE))
        case Opaque():
            return within(value)
        case Column():
            return OPAQUE
        case Unknown():
            return unknown_of(replace(value, strange=False))
    return UNKNOWN


def result_item(result: Result) -> Type:
    """What one row of a 2.0-style result is."""
    if not result.selects:
        if result.scalars:
            return UNKNOWN
        # Whatever is in it, a row it is.
        return DictOf(Opaque("str"), UNKNOWN) if result.mappings else Row(())
    if result.scalars:
        return item_of(result.selects[0], result.loaded, result.partial)
    row = row_type(result.selects, result.loaded, result.partial)
    if result.mappings:
        return DictOf(Opaque("str"), item_type(row))
    return row


def subscript_type(value: Type, index: ast.expr) -> Type:
    """What `value[index]` is, for everything but a Query (see `query_subscript`)."""
    if isinstance(value, Union):
        options = [subscript_type(o, index) for o in value.ordered if o != NONE]
        return _all(tuple(options))
    if isinstance(index, ast.Slice):
        match value:
            case ListOf():
                return value
            case TupleOf(items) if (part := _part(index)) is not None:
                return TupleOf(items[part])
            case TupleOf() | Row():
                return ListOf(item_type(value))
        if isinstance(value, Opaque):
            return within(value)
        return OPAQUE if isinstance(value, Column) else UNKNOWN
    match value:
        case DictOf(_, item, known):
            # What is plain there may be something else by now: the dict may be known by other names.
            held = dict(known).get(_text(index), OPAQUE)
            # What is put there has no value yet: that of the other keys would stand for good.
            return item if isinstance(held, Opaque) and held != EMPTY else held
        case Row(items, names) if isinstance(index, ast.Constant) and names.count(index.value) == 1:
            return items[names.index(index.value)]
        case TupleOf(items) | Row(items):
            if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
                position = _integer(index.operand)
                position = -position if position is not None else None
            else:
                position = _integer(index)
            if position is not None and -len(items) <= position < len(items):
                return items[position]
            return item_type(value)
        case ListOf(item):
            return item
        case Opaque():
            return within(value)
        case Column():
            return OPAQUE
        case Unknown():
            return item_type(value)
    return UNKNOWN


def _part(node: ast.Slice) -> slice | None:
    """The slice itself, where it is written in numbers that count from the beginning."""
    found: list[int | None] = []
    for bound in (node.lower, node.upper):
        position = _integer(bound)
        if bound is not None and position is None:
            return None
        found.append(position)
    return slice(*found) if node.step is None else None


def _integer(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return int(node.value)
    return None


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _all(items: tuple[Type, ...]) -> Type:
    if not items:
        return UNKNOWN
    result = items[0]
    for item in items[1:]:
        result = item if result == EMPTY else join(result, item) if item != EMPTY else result
    return result
