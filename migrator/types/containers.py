"""Lists, dicts and what is put into them and taken out."""

from __future__ import annotations

import ast

from migrator.queries.join import item_type
from migrator.queries.types import (
    EMPTY,
    NONE,
    OPAQUE,
    UNKNOWN,
    DictOf,
    ListOf,
    ModelType,
    TupleOf,
    Type,
)
from migrator.types.callbacks import Callbacks
from migrator.types.handing_on import by_keyword
from migrator.types.lattice import (
    Value,
    join,
    join_all,
)
from migrator.types.of_applications import is_held_by_application

#: Methods of containers that give nothing of what is in them.
_PLAIN = frozenset(
    {
        "clear", "close", "count", "discard", "index", "isdisjoint", "issubset", "issuperset",
        "move_to_end", "remove", "reverse", "rotate", "__contains__", "__len__",
    }
)  # fmt: skip


class Containers(Callbacks):
    """Adds the methods of containers."""

    def container_call(self, node: ast.Call, func: ast.Attribute, owner: Type, name: str) -> Value:
        item = item_type(owner) if not isinstance(owner, DictOf) else owner.value
        values = self.arguments(node, item)
        if is_held_by_application(owner):
            return self.application_call(node, owner, name, values)
        match owner, name:
            case ListOf(), "sort":
                self.reference(node)
                self.unseen_callback(node, values, item)
                return NONE
            case ListOf(), "append" | "add" | "insert" | "appendleft":
                self.widen(func.value, ListOf(self.some(values[-1] if values else None)))
                return NONE
            case ListOf(), "extend" | "update" | "union":
                extra = self.iterated(node.args[0], values[0]) if node.args else None
                self.widen(func.value, ListOf(self.some(extra)))
                return owner if name == "union" else NONE
            case ListOf(), "pop" | "popleft":
                return self.taken_out(owner.item)
            case ListOf(), "copy" | "difference" | "intersection":
                return owner
            case DictOf(), "get" | "pop" | "setdefault":
                if name == "setdefault" and len(node.args) > 1:
                    self.widen(func.value, self.put_under(node.args[0], values[1]))
                held = self.under(func.value, owner, node.args[0]) if node.args else owner.value
                self.looked_into(node, owner, node.args[:1], held)
                if name == "setdefault" and values[1:] and held == EMPTY:
                    return values[1]  # The first that is put there.
                return join_all([self.taken_out(held), *(values[1:2] or [NONE])])
            case DictOf(), "values":
                self.query_lost(node, owner, owner.value)
                return ListOf(owner.value)
            case DictOf(), "keys":
                return ListOf(owner.key)
            case DictOf(), "items":
                self.query_lost(node, owner, owner.value)
                return ListOf(TupleOf((owner.key, owner.value)))
            case DictOf(), "copy":
                return owner
            case DictOf(), "update":
                names = [None for _ in node.args] + [k.arg for k in node.keywords]
                for keyword, value in zip(names, values, strict=True):
                    if value is None and not self.state.is_open:
                        continue
                    taken = value
                    if keyword is not None:
                        taken = self.put_under(ast.Constant(keyword), value)
                    if not isinstance(taken, DictOf):
                        pair = item_type(self.some(taken))
                        held = pair.items[1] if isinstance(pair, TupleOf) else pair
                        taken = DictOf(UNKNOWN, held)
                    self.widen(func.value, taken)
                    self.query_lost(node, taken, join(owner, taken))
                return NONE
            case DictOf(), "popitem":
                self.query_lost(node, owner, owner.value)
                return TupleOf((owner.key, self.some(self.taken_out(owner.value))))
            case ListOf(), "__next__" | "__getitem__":
                return self.taken_out(owner.item)
        for value in (owner, *values):
            self.query_given_away(node, value)
        return OPAQUE if name in _PLAIN else UNKNOWN

    def application_call(
        self, node: ast.Call, owner: Type, name: str, values: list[Value]
    ) -> Value:
        """A method of `app.config` or `app.extensions`: what is put there leaves our sight as well."""
        for value in values:
            self.query_given_away(node, value)
        given: list[tuple[ast.expr, Value]] = []
        if name == "setdefault" and len(values) > 1:
            given.append((node.args[0], values[1]))
        elif name == "update":
            for argument in (*node.args, *(k.value for k in node.keywords if k.arg is None)):
                known, more = by_keyword(self.known(argument))
                given += [(ast.Constant(key), value) for key, value in known.items()]
                given += [(argument, value) for value in more]
            given += [
                (ast.Constant(k.arg), self.known(k.value))
                for k in node.keywords
                if k.arg is not None
            ]
        for key, value in given:
            self.hung_on_application(node, owner, key, value)
        if name not in ("get", "pop", "setdefault") or not node.args:
            return UNKNOWN
        found = self.got_from_application(node, owner, node.args[0])
        return found if found in (None, UNKNOWN) else join_all([found, *(values[1:2] or [NONE])])

    def hung_on_application(self, node: ast.expr, owner: Type, key: ast.expr, value: Value) -> None:
        """The application has this under a key; nobody but the repository asks it for its models."""
        self.put_on_application(owner, key, value)
        if not isinstance(value, ModelType):
            self.escape(node, value)
