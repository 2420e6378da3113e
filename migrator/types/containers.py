"""Lists, dicts and what is put into them and taken out."""

from __future__ import annotations

import ast

from migrator.index.definitions import Variable
from migrator.index.signature import parameters
from migrator.queries.join import item_type
from migrator.queries.types import (
    EMPTY,
    NONE,
    OPAQUE,
    UNKNOWN,
    ClassType,
    DictOf,
    External,
    ListOf,
    ModuleType,
    Object,
    TupleOf,
    Type,
    Unknown,
)
from migrator.types.callbacks import Callbacks
from migrator.types.giving import chosen_from
from migrator.types.lattice import (
    Value,
    holds_query,
    join,
    join_all,
    options,
)

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
        match owner, name:
            case ListOf(), "sort":
                self.reference(node)
                self.unseen_callback(node, values, item)
                return NONE
            case ListOf(), "append" | "add" | "insert" | "appendleft":
                self.widen(func.value, ListOf(self.some(values[-1] if values else None)))
                return NONE
            case ListOf(), "extend" | "update" | "union":
                extra = self.iterated(node.args[0], values[0]) if values else None
                self.widen(func.value, ListOf(self.some(extra)))
                return owner if name == "union" else NONE
            case ListOf(), "pop" | "popleft":
                return self.taken_out(owner.item)
            case ListOf(), "copy" | "difference" | "intersection":
                return owner
            case DictOf(), "get" | "pop" | "setdefault":
                if name == "setdefault" and len(values) > 1:
                    self.widen(func.value, self.put_under(node.args[0], values[1]))
                held = self.under(func.value, owner, node.args[0]) if node.args else owner.value
                self.looked_into(node, owner, node.args[:1], held)
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

    def widen(self, target: ast.expr, value: Type) -> None:
        """A container has taken something in; `target` is the expression it was reached by."""
        if isinstance(self.known(target), Unknown):
            self.escape(target, value)
        match target:
            case ast.Name(id=name) if name in self.env:
                self.put_into(target, value)
                old = self.env[name]
                self.env[name] = join(old, value)
                self.query_lost(target, old, self.env[name])
                self.query_lost(target, value, self.env[name])
                if holds_query(value) and (self.is_given(name) or self.is_shared(name)):
                    # Whoever has the container as well was not seen to put anything in.
                    self.query_given_away(target, value)
            case ast.Name(id=name):
                found = self.project.lookup(self.module, name)
                if isinstance(found, Variable):
                    self.keep_variable(target, found.module, found.name, value)
                else:
                    self.escape(target, value)
            case ast.Attribute(value=owner, attr=name):
                for option in options(self.known(owner)):
                    if isinstance(option, Object | ClassType):
                        self.keep(target, option.key, name, value)
                    elif isinstance(option, ModuleType):
                        self.keep_variable(target, option.name, name, value)
                    elif option == External("flask.g"):
                        self.keep(target, "flask.g", name, value)
                    else:
                        self.escape(target, value)
            case (
                ast.Subscript(value=outer)
                | ast.Call(func=ast.Attribute(value=outer, attr="setdefault" | "get"))
            ):
                # A value inside a dict: the dict's values take it in.
                self.widen(outer, DictOf(EMPTY, value))
            case _:
                self.escape(target, value)

    def is_shared(self, name: str) -> bool:
        """Whether another name, or an attribute, stands for the same here."""
        for node in self.function.nodes if self.function is not None else ():
            match node:
                case ast.Assign(targets=targets, value=value):
                    pass
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.NamedExpr(target=target, value=value)
                ):
                    targets = [target]
                case _:
                    continue
            sources = [v.id for v in chosen_from(value) if isinstance(v, ast.Name)]
            own = any(isinstance(t, ast.Name) and t.id == name for t in targets)
            if name in sources or (own and (sources or len(targets) > 1)):
                return True
        return False

    def is_given(self, name: str) -> bool:
        """Whether it is a parameter of this function."""
        return self.function is not None and any(
            parameter.arg == name for parameter in parameters(self.function.node.args)
        )
