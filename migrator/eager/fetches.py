"""Where a query runs, where its objects come out, and where loader options can be put.

Of a legacy query all three are one expression. A 2.0-style statement is run by one call, and its
objects are what a method of the result gives: `session.execute(stmt).scalars().all()`.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Literal, TypeAlias

from migrator.frozen import frozen
from migrator.index.model import Model
from migrator.index.walk import parents_in, walk
from migrator.queries.executions import LIMITED, PINNED, statement_of
from migrator.queries.types import Query
from migrator.types.facts import Fact, FunctionFacts

#: One row at most, and the same one whatever else is in the statement.
ONE_ROW = frozenset({"get", "get_or_404", "one", "one_or_none", "one_or_404"})
SINGLE = ONE_ROW | {"first", "first_or_404"}
_LEGACY = SINGLE | {"all", "iterate", "paginate", "[]"}
_BY_IDENTITY = frozenset({"session.get", "session.get_one", "db.get_or_404"})
#: Methods of a result that go on with all of it.
_ON = frozenset({"scalars", "unique", "mappings", "tuples"})
#: Those that give objects, by what a Query calls them: as the result has them, and the first alone.
_AS_THEY_ARE = {name: name for name in ("all", "first", "one", "one_or_none")}
_OF_ROWS = {**_AS_THEY_ARE, "fetchall": "all"}
_FIRST_OF_ROWS = {"scalar": "first", "scalar_one": "one", "scalar_one_or_none": "one_or_none"}
#: How the objects come: by themselves, in rows, in mappings.
Rows: TypeAlias = Literal["", "rows", "mappings"]
#: Builtins that take every object of a result.
_TAKING = frozenset({"list", "tuple", "set", "frozenset", "sorted", "iter"})


@frozen
class Fetch:
    """A query where it runs. `method` is what a legacy query's would be called."""

    method: str
    #: The expression that gives the objects.
    source: ast.expr
    rows: Rows
    #: The statement that options are put behind; the call, where they are an argument of it.
    at: ast.expr
    by_identity: bool = False

    @property
    def many(self) -> bool:
        if isinstance(self.source, ast.Subscript):
            return isinstance(self.source.slice, ast.Slice)
        return self.method not in SINGLE


class Fetches:
    """The fetches of one function."""

    def __init__(self, facts: FunctionFacts, function: ast.AST) -> None:
        self.facts = facts
        self.function = function

    @cached_property
    def _around(self) -> dict[int, ast.AST]:
        """The node that each node is a part of."""
        return parents_in(self.function)

    def at(self, fact: Fact, model: Model, query: Query) -> Fetch | str:
        """What a step fetches of the class `model`, by `query`; or why no option can be put there."""
        node = fact.node
        method, queries = self.facts.fetched[id(node)]
        assert isinstance(node, ast.expr)
        owner, _, name = method.rpartition(".")
        if not owner:
            if method not in _LEGACY:
                return f"no option can be put at {method}()"
            at = node if method == "iterate" else receiver(node)
            return Fetch(method, node, "" if query.single_entity else "rows", at)
        assert isinstance(node, ast.Call)
        if method in _BY_IDENTITY:
            return Fetch("get", node, "", node, by_identity=True)
        statement = statement_of(node)
        if not isinstance(statement, ast.Name | ast.Attribute | ast.Call):
            return "its statement is no name and no call"
        source: ast.expr = node
        rows: Rows = "rows" if name == "execute" else ""
        if name in ("execute", "scalars"):
            found = self._taken(node, rows=rows)
            if found is None:
                return "its result is used in another way"
            name, source, rows = found
        if name in ("first", "scalar", "first_or_404"):
            pinned = frozenset.intersection(*(q.state for q in queries))
            one = {PINNED + key for key in model.primary_key} <= pinned
            if not one and PINNED + LIMITED not in pinned:
                return "it takes the first of all that come"
            name = "one_or_none" if one else "first"
        return Fetch(name, source, rows, statement)

    def _taken(self, node: ast.expr, *, rows: Rows) -> tuple[str, ast.expr, Rows] | None:
        """The method that takes the objects of a result, the expression that gives them, and
        how they come."""
        while True:
            called = self._method(node)
            if called is None:
                return ("iterate", node, rows) if self._all_taken(node, rows=rows) else None
            name, call = called
            if call.args or call.keywords:
                return None
            if name in _ON:
                if name in ("scalars", "mappings"):
                    rows = "mappings" if name == "mappings" else ""
                node = call
                continue
            if rows == "rows" and name in _FIRST_OF_ROWS:
                return _FIRST_OF_ROWS[name], call, ""
            method = (_OF_ROWS if rows else _AS_THEY_ARE).get(name)
            return (method, call, rows) if method is not None else None

    def _method(self, node: ast.expr) -> tuple[str, ast.Call] | None:
        """The method that is called on a value at once."""
        attribute = self._around.get(id(node))
        call = self._around.get(id(attribute))
        if isinstance(attribute, ast.Attribute) and isinstance(call, ast.Call):
            return attribute.attr, call
        return None

    def _all_taken(self, node: ast.expr, *, rows: Rows) -> bool:
        """Whether whatever takes the result takes all of it."""
        around = self._around.get(id(node))
        match around:
            case ast.For(iter=taken) | ast.comprehension(iter=taken):
                return taken is node
            case ast.Call(func=ast.Name(id=name), args=[first, *_]):
                return name in _TAKING and first is node
            case ast.Assign(targets=[ast.Name(id=name)]):
                return self._variable(name, around, rows=rows)
        return False

    def _variable(self, name: str, assigned: ast.Assign, *, rows: Rows) -> bool:
        """The same of a result that a variable holds, which gets no other value."""
        used = False
        for node in walk(self.function):
            if not isinstance(node, ast.Name) or node.id != name:
                continue
            if not isinstance(node.ctx, ast.Load):
                if node is not assigned.targets[0]:
                    return False
                continue
            found = self._taken(node, rows=rows)
            if found is None or found[0] not in ("all", "iterate"):
                return False
            used = True
        return used


def receiver(node: ast.expr) -> ast.expr:
    """The query of `query.all()` and `query[a:b]`."""
    if isinstance(node, ast.Subscript):
        return node.value
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    return node.func.value
