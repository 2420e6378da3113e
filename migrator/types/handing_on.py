"""What `*args` and `**given` put into a call: item by item, where it is known what is in them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from migrator.frozen import frozen
from migrator.index.definitions import FunctionInfo
from migrator.index.signature import positional
from migrator.queries.plain import within
from migrator.queries.types import (
    EMPTY,
    MAX_KEYS,
    TEXT,
    UNKNOWN,
    DictOf,
    Opaque,
    Query,
    Row,
    Session,
    SessionFactory,
    TupleOf,
)
from migrator.types.lattice import Value, holds_query, join_all, options

#: What tells of a dict, and leaves it as it is.
_READING = frozenset({"copy", "get", "items", "keys", "values"})


@frozen
class Items:
    """Values in a row: how many `at_least`, and what any `more` of them are, of which nobody knows the number."""

    known: tuple[Value, ...] = ()
    at_least: int = 0
    more: tuple[Value, ...] = ()

    def then(self, other: Items) -> Items:
        """These and then those."""
        if self.more or self.at_least < len(self.known):
            rest = (*self.known[self.at_least :], *self.more, *other.known, *other.more)
            return Items(self.known[: self.at_least], self.at_least, rest or (EMPTY,))
        return Items((*self.known, *other.known), self.at_least + other.at_least, other.more)


def items_of(value: Value, each: Value) -> Items:
    """What `*` puts there of a value, one of whose items is `each`."""
    found = options(value)
    rows = [o.items for o in found if isinstance(o, TupleOf) or (isinstance(o, Row) and o.items)]
    if not rows or len(rows) < len(found):
        return Items(more=(each,))
    least, most = min(map(len, rows)), max(map(len, rows))
    known = [join_all(row[place] for row in rows if place < len(row)) for place in range(most)]
    return Items(tuple(known), least)


def by_keyword(value: Value) -> tuple[dict[str, Value], tuple[Value, ...]]:
    """What `**` of such a value gives by name, and what it may give under any other name."""
    known: dict[str, list[Value]] = {}
    more: list[Value] = []
    for option in options(value):
        if isinstance(option, DictOf):
            for key, item in option.known:
                known.setdefault(key, []).append(item)
            more += [] if option.closed else [option.value]
        else:
            more.append(within(option) if isinstance(option, Opaque) else UNKNOWN)
    for items in known.values():
        items += more
    return {key: join_all(items) for key, items in known.items()}, tuple(more)


def handed(value: Value) -> Value:
    """What a parameter gets of it: neither a query, which has to stay one, nor one of several kinds of thing."""
    if holds_query(value):
        return UNKNOWN
    found = options(value)
    if len(found) > 1 and any(isinstance(o, Session | SessionFactory | Query) for o in found):
        return UNKNOWN
    return value


def dict_of(keywords: Iterable[tuple[str | None, Value]]) -> DictOf:
    """The dict that keywords make; those without a name are `**`."""
    found: dict[str, Value] = {}
    others: list[Value] = []
    for key, value in keywords:
        known, more = by_keyword(value) if key is None else ({key: value}, ())
        found |= known
        others += more
    content = join_all([*others, *found.values()]) or EMPTY
    if len(found) > MAX_KEYS:
        return DictOf(TEXT, content)
    known_items = tuple(sorted((k, v or EMPTY) for k, v in found.items()))
    return DictOf(TEXT, content, known_items, not others)


@frozen
class Through:
    """The arguments that a function has got itself, at the same `places`, and hands on as they are.

    That of its `*args` stands for all that follow. `keywords` says so of its `**given`. A commit may have
    `expired` them before.
    """

    places: frozenset[int] = frozenset()
    keywords: bool = False
    expired: bool = False


#: Nothing of the kind.
NOT_THROUGH = Through()


def handed_through(function: FunctionInfo, call: ast.Call, *, expired: bool) -> Through:
    """What a call of that kind hands on."""
    arguments = function.node.args
    names = [a.arg for a in positional(arguments)]
    changed = _changed(function)
    found: set[int] = set()
    for place, argument in enumerate(call.args):
        match argument:
            case ast.Name(id=name) if place < len(names) and name == names[place]:
                pass
            case ast.Starred(value=ast.Name(id=name)) if (
                place == len(names) and arguments.vararg and name == arguments.vararg.arg
            ):
                pass
            case _:
                continue
        if name not in changed:
            found.add(place)
    own = arguments.kwarg.arg if arguments.kwarg is not None else ""
    named = any(
        k.arg is None and isinstance(k.value, ast.Name) and k.value.id == own != ""
        for k in call.keywords
    )
    return Through(frozenset(found), named and own not in changed, expired)


@lru_cache(maxsize=1024)
def _changed(function: FunctionInfo) -> frozenset[str]:
    """The names of a function that are given anew in it, and its dict of keywords where it may be another one."""
    found: set[str] = set()
    own = function.node.args.kwarg.arg if function.node.args.kwarg is not None else ""
    calm: set[int] = set()
    for node in function.nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.Call(keywords=keywords):
                calm.update(id(k.value) for k in keywords if k.arg is None)
            case ast.Subscript(value=ast.Name() as of, ctx=ast.Load()):
                calm.add(id(of))
            case ast.Attribute(value=ast.Name() as of, attr=attr) if attr in _READING:
                calm.add(id(of))
            case ast.Compare(comparators=compared):
                calm.update(map(id, compared))
    for node in function.nodes:
        if isinstance(node, ast.Name) and node.id == own and id(node) not in calm:
            found.add(own)
    return frozenset(found)
