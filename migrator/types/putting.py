"""What a function puts into the objects that it is given: whoever has given them has it there.

    def fill(holder): holder.order = Order.query.first()

After `fill(found)` a mapped object is in `found`, which a commit expires.
"""

from __future__ import annotations

import ast

from migrator.index.signature import parameters
from migrator.queries.types import EMPTY, DictOf, ListOf, Opaque, Type, Unknown
from migrator.types.escapes import functions_in
from migrator.types.exposing import Exposing
from migrator.types.lattice import Value, holds_instance, join, join_all, options, stale

#: As the owner of attributes: what functions put into their parameters.
_FILLED = "(filled)"


class Putting(Exposing):
    """Adds what callees put into arguments."""

    def widen_elsewhere(self, target: ast.expr, name: str, value: Type) -> None:
        """Of `Widening`, which calls this as well."""
        raise NotImplementedError

    def put_into(self, place: ast.expr, value: Value) -> None:
        """`place`, or what it is a part of, has taken mapped objects or functions in."""
        name = _root(place)
        if not (holds_instance(value) or functions_in(value)) or self.function is None:
            return
        if isinstance(self.env.get(name), Unknown):
            self.env[name] = self.made_with([self.env[name], value])
        if any(parameter.arg == name for parameter in parameters(self.function.node.args)):
            self.state.flow_attribute(_FILLED, f"{self.function.key}.{name}", value)

    def filled_by(self, key: str, name: str, argument: ast.expr) -> None:
        """An argument may come back filled: what it is a part of here holds that, too."""
        value = self.state.attribute(_FILLED, f"{key}.{name}")
        root = _root(argument)
        if value is None:
            return
        if self.state.does_commit(key):
            value = stale(value)
        if root not in self.env:
            held = self.types.get(id(argument))
            if root and isinstance(held, ListOf | DictOf):
                self.widen(argument, _kind_of(held, value))
            return
        self.put_into(argument, value)
        if isinstance(argument, ast.Name):
            before = self.env[root]
            found = (self._with(option, value) for option in options(before))
            self.env[root] = join_all(found) or before
            self.query_lost(argument, before, self.env[root])
            for option in options(before):
                if isinstance(option, ListOf | DictOf):
                    self.widen_elsewhere(argument, root, _kind_of(option, value))
            return
        held = self.known(argument)
        if isinstance(held, ListOf | DictOf):
            self.widen(argument, _kind_of(held, value))
        elif isinstance(self.env[root], Unknown | Opaque):
            self.env[root] = self.made_with([self.env[root], value])

    def _with(self, holder: Type, value: Value) -> Value:
        """A holder that something was put into."""
        match holder:
            case ListOf() | DictOf():
                return join(holder, _kind_of(holder, value))
            case Unknown() | Opaque():
                return self.made_with([holder, value])
        return holder


def _kind_of(holder: ListOf | DictOf, value: Value) -> Type:
    """A container of a holder's kind, with nothing but what was put into it."""
    if value is None or type(value) is type(holder):
        return value or EMPTY
    return ListOf(value) if isinstance(holder, ListOf) else DictOf(EMPTY, value)


def _root(node: ast.expr) -> str:
    """The name that the value is found from: `found` of `found.parts[0]` and of `vars(found)`."""
    while True:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case ast.Call(func=ast.Name(id="vars"), args=[inner]):
                node = inner
            case _:
                return ""
