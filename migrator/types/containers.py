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
    ModelType,
    ModuleType,
    Object,
    TupleOf,
    Type,
    Unknown,
)
from migrator.types.callbacks import Callbacks
from migrator.types.giving import chosen_from
from migrator.types.handing_on import by_keyword
from migrator.types.lattice import (
    Value,
    holds_query,
    join,
    join_all,
    options,
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
        """Whether something else stands for the same here: another name, an attribute, an item."""
        return self.function is not None and any(
            _hands_on(node, name) for node in self.function.nodes
        )

    def is_given(self, name: str) -> bool:
        """Whether it is a parameter of this function."""
        return self.function is not None and any(
            parameter.arg == name for parameter in parameters(self.function.node.args)
        )


def _hands_on(node: ast.AST, name: str) -> bool:
    """Whether a node gives what a name stands for another name or a place in something."""
    given: list[ast.expr] = []
    match node:
        case ast.Assign(targets=targets, value=value):
            given = chosen_from(value)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            targets, given = [target], chosen_from(value)
        case ast.List(elts=given) | ast.Tuple(elts=given) | ast.Set(elts=given):
            targets = []
        case ast.Dict(keys=keys, values=values):
            targets = []
            given = [v for key, v in zip(keys, values, strict=True) if key is not None]
        case ast.Call(func=ast.Attribute(), args=given):
            targets = []
        case _:
            return False
    sources = [v.id for v in given if isinstance(v, ast.Name) and isinstance(v.ctx, ast.Load)]
    own = any(isinstance(t, ast.Name) and t.id == name for t in targets)
    return name in sources or (own and (bool(sources) or len(targets) > 1))
