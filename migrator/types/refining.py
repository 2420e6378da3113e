"""What one call of a function gives, where others give the function other kinds of queries or classes."""

from __future__ import annotations

import ast

from migrator.index.definitions import FunctionInfo
from migrator.index.signature import positional
from migrator.queries.types import Session, Union
from migrator.types.facts import FunctionFacts
from migrator.types.given_classes import (
    classes_in,
    given_class,
    has_objects,
    of_classes,
    returned_by,
)
from migrator.types.lattice import Value, holds_query
from migrator.types.refiners import argument_for, of_kind, refined_parameter
from migrator.types.widening import Widening


class Refining(Widening):
    """Adds what a call says of its own result."""

    def refined(self, node: ast.Call, target: FunctionInfo, receiver: Value, value: Value) -> Value:
        """The kind of query that this call gives, where others give the function other kinds."""
        if not isinstance(value, Union) or not holds_query(value):
            return value
        known = self.state.refined
        name = self.state.bodies.once(
            known, target.key, lambda: refined_parameter(self.project, target)
        )
        return of_kind(value, self.given_for(node, target, receiver, name)) if name else value

    def of_its_class(
        self, node: ast.Call, target: FunctionInfo, receiver: Value, value: Value
    ) -> Value:
        """The objects that this call gives, where others give the function other classes."""
        if value is None or not has_objects(value):
            return value
        known = self.state.returned
        returned = self.state.bodies.once(known, target.key, lambda: returned_by(target))
        name = given_class(returned, lambda asked: self.asks_a_session(target, asked))
        keys = classes_in(self.given_for(node, target, receiver, name)) if name else None
        if not keys:
            return value
        own = of_classes(value, keys)
        # What it gives for this class may be to come.
        return own if has_objects(own) or not self.state.is_open else value

    def asks_a_session(self, target: FunctionInfo, asked: ast.expr) -> bool:
        """Whether an expression of another function is a session, as its module sees it."""
        root = asked
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in target.bound_names():
            return False
        apart = type(self)(self.state, target.module, None, FunctionFacts(""))
        return isinstance(apart.eval(asked), Session)

    def given_for(self, node: ast.Call, target: FunctionInfo, receiver: Value, name: str) -> Value:
        """What a call gives for a parameter; None where that can't be told."""
        names = [a.arg for a in positional(target.node.args)]
        if receiver is not None and names[:1] == [name]:
            return receiver
        argument = argument_for(node, target, name, bound=receiver is not None)
        return None if argument is None else self.known(argument)
