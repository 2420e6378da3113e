"""Where values go: handed on, given back, kept; and queries that are lost on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace

from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries.join import unknown_of
from migrator.queries.refusals import MIXED, refuse
from migrator.queries.step import Step
from migrator.queries.types import (
    UNKNOWN,
    Db,
    DictOf,
    ListOf,
    Object,
    Query,
    Session,
    Type,
    Unknown,
)
from migrator.types.agreeing import agreed_step
from migrator.types.crossing import kept_there
from migrator.types.facts import Kind
from migrator.types.going_on import GoingOn
from migrator.types.lattice import (
    Value,
    hides_query,
    holds_query,
    holds_stale,
    join,
    join_all,
    refreshed,
    transform,
)
from migrator.types.names import annotation_type


def chosen_from(node: ast.expr) -> list[ast.expr]:
    """The expressions one of which is the value: `a if x else b`, `a or b`."""
    match node:
        case ast.IfExp():
            return [*chosen_from(node.body), *chosen_from(node.orelse)]
        case ast.BoolOp():
            return [part for value in node.values for part in chosen_from(value)]
    return [node]


class Giving(GoingOn):
    """Adds what becomes of a value besides being used at once."""

    def given(self, node: ast.expr, value: Value) -> Value:
        """A value handed on: an instance that a commit may have expired is reloaded first.

        What has no place here, as what a call gives, is handed on as it is.
        """
        if not holds_stale(value) or self.as_they_are:
            return value
        whole = True
        for part in chosen_from(node):
            if not holds_stale(self.types.get(id(part))):
                continue
            if self._is_place(part):
                self.record("stale", part, io=True)
            else:
                whole = False
        return refreshed(value) if whole else value

    def _is_place(self, node: ast.expr) -> bool:
        """Whether it denotes a value that is kept, by a name or in a container."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = self.types.get(id(node.func.value))
            return isinstance(of, ListOf | DictOf) and not node.keywords
        return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)

    def taken_from(self, owner: Value, value: Value) -> Value:
        """What comes out of something unknown is one of the mapped objects in it, perhaps."""
        if value != UNKNOWN or not isinstance(owner, Unknown) or not owner.holding:
            return value
        return unknown_of(replace(owner, strange=False))

    def made_with(self, values: Iterable[Value]) -> Unknown:
        """What other code makes of values: it may hold the mapped objects in them."""
        return unknown_of(*(value for value in values if value is not None))

    def given_away(self, argument: ast.expr) -> None:
        """What is handed on may be put into a session: it counts as new no longer."""
        if isinstance(argument, ast.Name) and argument.id in self.env:
            self.env[argument.id] = transform(
                self.env[argument.id], lambda i: replace(i, fresh=False) if i.fresh else i
            )

    def query_given_away(self, node: ast.AST, value: Value) -> None:
        """Whoever gets a query here can't be followed: it has to stay what it was."""
        if holds_query(value):
            self.record("external", node, name="query")

    def gives(self, node: ast.expr, value: Value) -> None:
        """What the function returns or yields, beside what it gives elsewhere."""
        assert self.function is not None
        if value == UNKNOWN and not self.facts.is_generator:
            value = self._declared(value)
        before = self.given_so_far
        self.given_so_far = join(before, value)
        self.query_lost(node, before, self.given_so_far)
        self.query_lost(node, value, self.given_so_far)
        self.state.flow_result(self.function.key, value)
        if holds_query(value):
            self.query_lost(node, value, self.state.result(self.function.key))

    def _declared(self, value: Value) -> Value:
        """An object of the repository's own class, where the function says so of what nobody knows."""
        assert self.function is not None
        said = annotation_type(self.state, self.function.module, self.function.node.returns)
        return said if isinstance(said, Object) else value

    def keep(self, node: ast.AST, owner: str, name: str, value: Value) -> None:
        """An attribute holds a value from now on, beside what it is given elsewhere."""
        value = kept_there(value, node.value if isinstance(node, ast.Attribute) else None)
        self.state.flow_attribute(owner, name, value)
        if holds_query(value):
            self.query_lost(node, value, self.state.attribute(owner, name))

    def keep_variable(self, node: ast.AST, module: str, name: str, value: Value) -> None:
        """The same of a variable of a module."""
        value = kept_there(value) if self.function is not None else value
        self.state.flow_variable(module, name, value)
        if holds_query(value):
            self.query_lost(node, value, self.state.read("variables", (module, name)))

    def query_lost(self, node: ast.AST, value: Value, result: Value) -> None:
        """A query that its place holds beside other things, so that nobody will know it there."""
        if hides_query(value, result):
            self.query_given_away(node, value)

    def seen_later(self, node: ast.Lambda) -> None:
        """A lambda that is kept sees what its names stand for when it is called, be it assigned further down."""
        for part in walk(node.body):
            if isinstance(part, ast.Name) and part.id in self.env and self.function is not None:
                at_hand = self.env[part.id]
                later = self.state.closure(self.function.key, part.id) or (None,)
                self.env[part.id] = both = join(at_hand, *later)
                for value in (at_hand, *later):
                    self.query_lost(node, value, both)

    def session_called(self, node: ast.expr, value: Value, kind: Kind, name: str = "") -> None:
        """`db.session()` whose session goes elsewhere: to an attribute, a variable or a parameter."""
        match node:
            case ast.Call(func=ast.Attribute(value=extension), args=[], keywords=[]) if isinstance(
                value, Session
            ) and isinstance(self.known(extension), Db):
                self.record(kind, node, name=name)

    def joined(self, node: ast.expr, values: list[Value]) -> Value:
        """The join of several values; a query that is lost in it is noted."""
        result = join_all(values)
        for value in values:
            if value is not result:
                self.query_lost(node, value, result)
        return result

    def alternatives(
        self, node: ast.expr, found: list[Type], visit: Callable[[Type], Value], name: str = ""
    ) -> list[Value]:
        """`visit` for each type that a receiver may have: they must ask for the same rewriting."""
        if len(found) < 2:
            return [visit(option) for option in found]
        outer, self.steps = self.steps, []
        values = [visit(option) for option in found]
        steps = [step for place, step in self.steps if place is node]
        self.steps = outer
        refusal = next((s.refusal for s in steps if s.refusal is not None), None)
        differ = len({repr(s.action) for s in steps}) > 1 or len(steps) < len(found)
        agreed = (
            agreed_step(steps) if differ and refusal is None and len(steps) == len(found) else None
        )
        if agreed is not None:
            self.record("step", node, step=agreed, name=name)
            return values
        if refusal is None and differ and any(s.action is not None for s in steps):
            refusal = refuse(MIXED, written(node))
        if refusal is not None:
            together = Step(
                io=any(s.io for s in steps), site=any(s.site for s in steps), refusal=refusal
            )
            self.record("step", node, step=together, name=name)
        elif not all(isinstance(option, Query) for option in found):
            # Whatever else it may be has a legacy query's methods, not those of a select.
            for query in found:
                self.query_given_away(node, query if isinstance(query, Query) else None)
        return values
