"""What is looped over: rows, queries, which run there, and objects that say themselves what they give."""

from __future__ import annotations

import ast

from migrator.queries import tables
from migrator.queries.join import item_type
from migrator.queries.types import (
    UNKNOWN,
    Instance,
    ListOf,
    Object,
    Query,
    TupleOf,
    Type,
    Unknown,
)
from migrator.types.asking import refines_query
from migrator.types.facts import ROWS
from migrator.types.lattice import (
    Value,
    join_all,
    options,
    stale,
)
from migrator.types.special_methods import SpecialMethods


class Iteration(SpecialMethods):
    """Adds the items of what a loop goes through."""

    def iterated(self, node: ast.expr, value: Value) -> Value:
        """The item type of what is looped over; a query runs here."""
        if value is None:
            return None
        found = options(value)
        rows = [o for o in found if isinstance(o, ListOf | TupleOf)]
        queries: list[Type] = [o for o in found if isinstance(o, Query)]
        if rows and queries and len(rows) + len(queries) == len(found):
            items = self.alternatives(node, queries, lambda o: self.items_either(node, o))
            return join_all([*items, *(self.items(node, row) for row in rows)])
        items = self.alternatives(node, found, lambda o: self.items(node, o), "iterate")
        return join_all(items) if items else UNKNOWN

    def items_either(self, node: ast.expr, option: Type) -> Value:
        """The items of a query where rows may stand as well."""
        assert isinstance(option, Query)
        step = tables.query_or_rows(self.at_hand(option))
        return self.taken_out(item_type(self.some(self.step_on(node, step))))

    def items(self, node: ast.expr, option: Type) -> Value:
        if isinstance(option, Query):
            query = self.at_hand(option)
            self.facts.fetched.setdefault(id(node), ("iterate", set()))[1].add(query)
            step = tables.query_iteration(query, streams=self.streaming is node)
            return self.taken_out(item_type(self.some(self.step_on(node, step))))
        self.rows_asked(node, option)
        cls = self.answering(option)
        if cls is None and not isinstance(option, Object | Instance):
            return self.taken_out(item_type(option))
        method = self.project.method(cls, "__iter__") if cls else None
        if method is None:
            return UNKNOWN
        self.may_run(method, option)
        self.expired_by(method)
        self.record("external", node, callees=(method.key,), name="iter")
        return self.taken_out(item_type(self.some(self.given_by(method, node))))

    def rows_asked(self, node: ast.expr, value: Value) -> None:
        """What is looped over, indexed or taken apart may be a query that nobody knows."""
        if any(isinstance(o, Unknown) for o in options(value)) and self.is_asked_for(node):
            self.record("unresolved", node, name=ROWS)

    def is_asked_for(self, node: ast.expr) -> bool:
        """Whether it is what a query is refined by, or what a callable that nobody knows gives.

        Here, or where the name is assigned.
        """
        given = [node]
        if isinstance(node, ast.Name) and self.function is not None:
            given = [
                n.value
                for n in self.function.nodes
                if isinstance(n, ast.Assign)
                and any(isinstance(t, ast.Name) and t.id == node.id for t in n.targets)
            ]
        return any(
            refines_query(call)
            if isinstance(call.func, ast.Attribute)
            else isinstance(self.types.get(id(call.func)), Unknown)
            for call in given
            if isinstance(call, ast.Call)
        )

    def stepped(self, node: ast.expr) -> Value:
        """What an `async for` gets, one by one, of what is asynchronous already."""
        value = self.awaited(node)
        found: list[Type] = []
        for option in options(value):
            found += options(self._asked(node, option, "__aiter__", option))
        item = join_all(
            o.item if isinstance(o, ListOf) else self._asked(node, o, "__anext__", UNKNOWN)
            for o in found
        )
        return stale(item) if self.committed else item

    def _asked(self, node: ast.expr, of: Type, name: str, otherwise: Type) -> Value:
        """What a method gives that Python calls on an object of the repository's own."""
        cls = self.project.classes.get(of.key) if isinstance(of, Object) else None
        method = self.project.method(cls, name) if cls is not None else None
        if method is None:
            return otherwise
        self.flow_self(method, of)
        return self.given_by(method, node)
