"""Arguments flow into parameters: each into its own, and what `*args` and `**given` hold item by item."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Sequence
from typing import TypeAlias

from migrator.index.definitions import FunctionInfo
from migrator.index.signature import positional
from migrator.queries.types import EMPTY, TEXT, UNKNOWN, DictOf, Function, ListOf, TupleOf
from migrator.types.handing_on import (
    NOT_THROUGH,
    Items,
    Through,
    by_keyword,
    dict_of,
    handed,
    handed_through,
    items_of,
)
from migrator.types.lattice import Value, holds_query, join_all, stale
from migrator.types.refining import Refining

#: An argument of a call and its type.
_Given: TypeAlias = tuple[ast.expr, Value]
#: The tables that tell of a function, or of the class that it is in, that others call it.
_CALLED_BY_OTHERS = ("entries", "taken", "escaped", "exposed")
#: More items than this and a tuple is one of any length.
_MAX_ITEMS = 8


class Filling(Refining):
    """Adds what the parameters of a function get from a call."""

    def fill(
        self,
        info: FunctionInfo,
        names: Sequence[str],
        by_position: Sequence[_Given],
        keywords: Sequence[tuple[str | None, ast.expr, Value]],
        skipped: int = 0,
        through: Through = NOT_THROUGH,
    ) -> None:
        """Fill `names` by position, but the first `skipped`, and the others by their names.

        `through` is what has been filled by the callers, who call the very function.
        """
        places = through.places
        at = [argument for argument, _ in by_position]
        starred = any(isinstance(argument, ast.Starred) for argument in at)
        if starred:
            given, at = self._with_stars(by_position, places)
        else:
            values = (None if n in places else v for n, (_, v) in enumerate(by_position))
            given = Items(tuple(values), len(at))
        # Items that came as far as to what is given by its name would be an error.
        both = {a.arg for a in info.node.args.args} & {key for key, _, _ in keywords}
        reach = next((place for place, name in enumerate(names) if name in both), len(names))
        self._by_position(info, names[:reach], given, at, skipped, closed=not places)
        filled = {*names[: given.at_least]}
        named = [*names[skipped:], *(a.arg for a in info.node.args.kwonlyargs)]
        extra: dict[str, _Given] = {}
        others: list[Value] = []
        open_end = bool(places) or through.keywords
        for key, argument, value in keywords:
            if key is None:
                starred = True
                self.query_given_away(argument, value)
                if through.keywords:
                    continue
                known, more = by_keyword(value)
                others += more
                open_end = open_end or value is None
                found = {name: handed(item) for name, item in known.items()}
            else:
                found = {key: value}
            for name, item in found.items():
                if name in named:
                    self.flow(argument, info, name, item)
                    filled.add(name)
                else:
                    extra[name] = (argument, item)
        left = [name for name in named if name not in filled]
        rest = handed(join_all(others))
        self._by_keyword(info, extra, rest if others else None, closed=not (others or open_end))
        for name in left:
            if others:
                self.state.flow_param(info.key, name, rest)
            elif open_end:
                self._filled_before(info, name, expired=through.expired)
            elif starred and self._has_more():
                self.state.flow_param(info.key, name, UNKNOWN)
            else:
                self.state.leave_param(info.key, name)

    def _with_stars(
        self, by_position: Sequence[_Given], places: Container[int]
    ) -> tuple[Items, list[ast.expr]]:
        """What is given by position where a star is among it, and the argument that each item comes from."""
        given = Items()
        at: list[ast.expr] = []
        for place, (argument, value) in enumerate(by_position):
            if isinstance(argument, ast.Starred):
                self.query_given_away(argument, value)
                if place not in places:
                    given = given.then(self._items(argument.value, value))
            else:
                given = given.then(Items((None if place in places else value,), 1))
            at = [*at, *[argument] * (len(given.known) - len(at))][: len(given.known)]
        return given, at

    def _items(self, node: ast.expr, each: Value) -> Items:
        """What `*node` stands for, one of whose items is `each`."""
        if isinstance(node, ast.List) and not any(isinstance(e, ast.Starred) for e in node.elts):
            return Items(tuple(map(self.known, node.elts)), len(node.elts))
        return items_of(self.known(node), each)

    def _by_position(
        self,
        info: FunctionInfo,
        names: Sequence[str],
        given: Items,
        at: Sequence[ast.expr],
        skipped: int,
        *,
        closed: bool,
    ) -> None:
        vararg = info.node.args.vararg
        own = positional(info.node.args)[:1] if info.owner is not None else []
        beyond: list[Value] = []
        for place, (argument, value) in enumerate(zip(at, given.known, strict=True)):
            if isinstance(argument, ast.Starred):
                value = handed(value)
            if place >= len(names):
                beyond.append(value)
                if vararg is not None and holds_query(value):
                    self.query_given_away(argument, value)
            elif place >= skipped and not (
                isinstance(argument, ast.Starred) and own and own[0].arg == names[place]
            ):
                self.flow(argument, info, names[place], value)
        more = handed(join_all(given.more))
        if given.more:
            for name in names[max(len(given.known), skipped) :]:
                self.state.flow_param(info.key, name, more)
        if vararg is None or not (closed or beyond):
            return
        sure = given.at_least == len(given.known) or not beyond
        if given.more or not sure or len(beyond) > _MAX_ITEMS:
            held: Value = ListOf(join_all(map(self.some, (*beyond, more))) or EMPTY)
        else:
            held = TupleOf(tuple(map(self.some, beyond)))
        self.state.flow_param(info.key, vararg.arg, held)

    def _by_keyword(
        self, info: FunctionInfo, extra: dict[str, _Given], more: Value, *, closed: bool
    ) -> None:
        """What the function finds in its `**given`, of which all is seen where it is `closed`."""
        kwarg = info.node.args.kwarg
        if kwarg is None:
            return
        given: list[tuple[str | None, Value]] = [
            (name, self.some(value)) for name, (_, value) in extra.items()
        ]
        if more is not None:
            given.append((None, DictOf(TEXT, more)))
        if closed or given:
            self.state.flow_param(info.key, kwarg.arg, dict_of(given))
        for argument, value in extra.values():
            if holds_query(value):
                self.query_lost(argument, value, self.state.param(info.key, kwarg.arg))

    def _filled_before(self, info: FunctionInfo, name: str, *, expired: bool) -> None:
        """A parameter that the callers of a decorated function fill, who are known."""
        value = self.state.param(info.key, name)
        if holds_query(value):
            # What is around the function may ask it for something.
            self.state.flow_param(info.key, name, UNKNOWN)
        elif expired:
            self.state.flow_param(info.key, name, stale(value))

    def _has_more(self) -> bool:
        """Whether this function may have been given more than what its callers are seen to give."""
        function = self.function
        if function is None or function.parent is not None or not self.state.is_open:
            return False
        keys = [function.key] if function.owner is None else [function.key, function.owner.key]
        return any(self.state.read(table, key) for key in keys for table in _CALLED_BY_OTHERS)

    def fill_around(
        self, info: FunctionInfo, own: Sequence[_Given], node: ast.Call, values: Sequence[Value]
    ) -> None:
        """What decorators have put around a function gets what it is called with; `own` comes first."""
        if not info.node.decorator_list:
            return
        values = [handed(value) for value in values]
        by_position = [*own, *zip(node.args, values, strict=False)]
        given = zip(node.keywords, values[len(node.args) :], strict=False)
        keywords = [(keyword.arg, keyword.value, value) for keyword, value in given]
        for inner in self.put_by_decorators(info):
            if self.state.current.startswith(inner.key):
                break  # the wrapper itself calls what is below
            around = self.state.function(inner.key)
            # A wrapper calls each function that it was put around, and the same others may be around them all.
            filled = (id(node), inner.key, *(value for _, value in own), *values)
            if around is not None and filled not in self.filled_around:
                self.filled_around.add(filled)
                names = [a.arg for a in positional(around.node.args)]
                self.fill(around, names, by_position, keywords)

    def passed_through(self, node: ast.Call, info: FunctionInfo) -> Through:
        """What a function hands on to what it was put around, as it has got it."""
        function = self.function
        if function is None or not info.node.decorator_list:
            return NOT_THROUGH
        if all(inner.key != function.key for inner in self.put_by_decorators(info)):
            return NOT_THROUGH
        return handed_through(function, node, expired=self.expired_before[id(node)])

    def put_by_decorators(self, target: FunctionInfo) -> Iterator[Function]:
        """The functions that decorators of the repository put in the place of one, the lowest first."""
        for decorator in reversed(target.node.decorator_list):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            found = target.around(called) or self.project.resolve(target.module, called)
            if not isinstance(found, FunctionInfo):
                continue
            made = [Function(found.key)]
            for _ in range(1 if called is decorator else 2):
                made = [f for m in made for f in self.state.functions_in_result(m.key)]
            yield from (inner for inner in made if inner.key != target.key)

    def flow(self, argument: ast.expr, info: FunctionInfo, name: str, value: Value) -> None:
        """Let an argument flow into a parameter.

        A query that others' arguments hide there is one that the callee uses as it is.
        """
        self.state.flow_param(info.key, name, value)
        if holds_query(value):
            self.query_lost(argument, value, self.state.param(info.key, name))
        self.filled_by(info.key, name, argument)
