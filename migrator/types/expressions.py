"""Abstract evaluation of expressions: the type of each node, and a fact wherever I/O happens."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from itertools import chain

from migrator.index.signature import positional
from migrator.index.walk import children
from migrator.index.written import written
from migrator.queries import tables
from migrator.queries.join import item_type, subscript_type
from migrator.queries.terminals import unpacks
from migrator.queries.types import (
    EMPTY,
    MAX_KEYS,
    NONE,
    OPAQUE,
    TEXT,
    UNKNOWN,
    ClassType,
    Column,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    ModuleType,
    Object,
    Opaque,
    Query,
    Session,
    SessionFactory,
    TupleOf,
    Type,
)
from migrator.types.lattice import (
    Value,
    holds_instance,
    holds_query,
    join_all,
    options,
)
from migrator.types.module_names import named_type, unseen
from migrator.types.of_applications import OfApplications, is_held_by_application
from migrator.types.operators import OPERATORS

_BUILTINS = frozenset(dir(builtins))
#: The method that is tried first where an f-string shows a value, by its conversion (`!r`).
_CONVERTING = {-1: ("__format__",), ord("s"): (), ord("r"): ("__repr__",), ord("a"): ("__repr__",)}
#: What a constant is, by the class of its value: made once, so that most comparisons are of one object.
_CONSTANTS: Mapping[type, Type] = {
    kind: Opaque(kind.__name__) for kind in (bool, bytes, complex, float, int, type(...))
} | {type(None): NONE, str: TEXT}


class Expressions(OfApplications):
    """Evaluates expressions of one function (or module body) in an environment."""

    def _eval(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return _CONSTANTS[type(node.value)]
            case ast.Name():
                return self.name(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Call():
                return self.call(node)
            case ast.Await():
                return self.awaited(node.value)
            case ast.BoolOp():
                return self.chosen(node)
            case ast.IfExp():
                self.tested(node.test)
                return self.either(
                    node, [(part, self.eval(part)) for part in (node.body, node.orelse)]
                )
            case ast.NamedExpr():
                value = self.eval(node.value)
                self.assign(node.target, value)
                return value
            case ast.BinOp():
                return self.binary(node)
            case ast.UnaryOp():
                value = self.tested(node.operand)
                if not isinstance(node.op, ast.Not):
                    name = f"__{OPERATORS[type(node.op)]}__"
                    if own := self.operated_by(node, node.operand, value, name):
                        return self.joined(node, own)
                return Column() if isinstance(value, Column) else OPAQUE
            case ast.Compare():
                return self.compare(node)
            case ast.List() | ast.Set():
                items = self.joined(node, [self.element(e) for e in node.elts])
                return ListOf(self.some(items) if node.elts else EMPTY)
            case ast.Tuple():
                if any(isinstance(e, ast.Starred) for e in node.elts):
                    return ListOf(self.some(self.joined(node, [*map(self.element, node.elts)])))
                return TupleOf(tuple(self.some(self.element(e)) for e in node.elts))
            case ast.Dict():
                keys = join_all([self.eval(k) for k in node.keys if k is not None])
                values = join_all(
                    self.element(v) if k is not None else self.spread(v)
                    for k, v in zip(node.keys, node.values, strict=True)
                )
                if not node.values:
                    return DictOf(EMPTY, EMPTY, closed=True)
                made = DictOf(self.some(keys), self.some(values), *self.known_items(node))
                for key, part in zip(node.keys, node.values, strict=True):
                    held = self.known(part)
                    if holds_query(held):
                        self.query_lost(node, self.put_under(key, held) if key else held, made)
                return made
            case ast.ListComp() | ast.SetComp():
                return self.comprehension(node, node.elt)
            case ast.GeneratorExp():
                with self.blocked(node, None):
                    return self.comprehension(node, node.elt)
            case ast.DictComp():
                return self.comprehension(node, node.value, node.key)
            case ast.Lambda():
                value = self.lambda_(node, [], node)
                self.query_given_away(node, value)
                return self.maker(node, value) or UNKNOWN
            case ast.Subscript():
                return self.subscript(node)
            case ast.JoinedStr():
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        self.shown(node, self.eval(part.value), *_CONVERTING[part.conversion])
                        if part.format_spec is not None:
                            self.eval(part.format_spec)
                return Opaque("str")
            case ast.Starred():
                value = self.eval(node.value)
                return self.iterated(node.value, value)
            case ast.Yield() | ast.YieldFrom():
                value = self.eval(node.value) if node.value is not None else NONE
                if node.value is not None:
                    value = self.given(node.value, value)
                    self.given_away(node.value)
                if isinstance(node, ast.YieldFrom) and node.value is not None:
                    value = self.iterated(node.value, value)
                if self.function is not None:
                    self.gives(node, ListOf(self.some(value)))
                return UNKNOWN
            case ast.Slice():
                for bound in (node.lower, node.upper, node.step):
                    if bound is not None:
                        self.eval(bound)
                return OPAQUE
        return self.unheard_of(node)

    def known_items(self, node: ast.Dict) -> tuple[tuple[tuple[str, Type], ...], bool]:
        """What is under each key of a display, where all of them are written."""
        if len(node.values) > MAX_KEYS:
            return (), False
        found: dict[str, Type] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            match key, self.known(value):
                case ast.Constant(value=str(name)), held:
                    found[name] = self.some(held)
                case None, DictOf(known=known, closed=True):
                    found |= known
                case _:
                    return (), False
        return tuple(sorted(found.items())), True

    def put_under(self, key: ast.expr, value: Value) -> DictOf:
        """What a dict takes in that gets a value under a key."""
        held = self.some(value)
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return DictOf(TEXT, held, ((key.value, held),), True)
        by = self.known(key)
        return DictOf(self.some(by) if holds_instance(by) else EMPTY, held)

    def looked_into(self, node: ast.expr, of: Value, keys: list[ast.expr], result: Value) -> None:
        """What a container gives by a key that only the run knows: a query may be lost in it."""
        if not any(isinstance(key, ast.Constant) for key in keys):
            self.query_lost(node, of, result)

    def unheard_of(self, node: ast.expr) -> Value:
        """An expression of a later Python, as a t-string: what is in it is evaluated, and kept."""
        with self.blocked(node, None):
            for part in children(node):
                if isinstance(part, ast.expr):
                    self.query_given_away(part, self.eval(part))
        return UNKNOWN

    def element(self, node: ast.expr) -> Value:
        """An item of a display: a stale instance that is stored leaves our sight."""
        value = self.eval(node)
        return self.given(node, value)

    def name(self, node: ast.Name) -> Value:
        value = self.named(node)
        if self.function is not None and node.id in self.function.shared_names():
            # Another function may have assigned it since.
            self.query_given_away(node, value)
            return self.reached(self.made_with([value, *self.assigned_inside(node.id)]))
        return value

    def assigned_inside(self, name: str) -> Iterator[Value]:
        """What the functions that share a name with this one give it."""
        assert self.function is not None
        around = self.function
        while around.parent is not None:
            around = around.parent
        found = [around]
        for function in found:
            found += chain.from_iterable(function.locals.values())
            if function is not self.function:
                yield from self.state.closure(function.key, name) or ()

    def named(self, node: ast.Name) -> Value:
        """What the name stands for, where no other function assigns it."""
        if node.id in self.env:
            return self.env[node.id]
        function = self.function
        if function is not None:
            if node.id in function.locals:
                return join_all(Function(f.key) for f in function.locals[node.id])
            outer = function.parent
            while outer is not None:
                if node.id in outer.locals:
                    return join_all(Function(f.key) for f in outer.locals[node.id])
                around = self.state.closure(outer.key, node.id)
                if around is not None:
                    (value,) = around
                    if holds_query(value):
                        self.facts.closure_queries = True
                    return self.reached(value)
                outer = outer.parent
        if self.project.lookup(self.module, node.id) is None:
            known = External(f"builtins.{node.id}") if node.id in _BUILTINS else None
            return known or unseen(self.state, node.id)
        value = named_type(self.state, self.module, node.id, node.id)
        if isinstance(value, External):
            return self.external_value(node, value)
        return self.reached(value)

    def spread(self, node: ast.expr) -> Value:
        """The values of what `**` puts into a dict."""
        value = self.eval(node)
        self.read_as_dict(node, value)
        return value.value if isinstance(value, DictOf) else UNKNOWN

    def comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        element: ast.expr,
        key: ast.expr | None = None,
    ) -> Value:
        saved, before = dict(self.env), self.expirations
        own = self.blockers.pop() if isinstance(node, ast.GeneratorExp) else None
        for index, generator in enumerate(node.generators):
            # The first iterable is evaluated outside, where an await may stand.
            if index == 1 and own is not None:
                self.blockers.append(own)
            if unpacks(generator.target):
                self.unpacked.add(id(generator.iter))
            self.iterables += 1
            if id(generator.iter) in self.taken:
                value = self.taken_out(item_type(self.some(self.types[id(generator.iter)])))
            elif generator.is_async:
                value = self.stepped(generator.iter)
            else:
                value = self.iterated(generator.iter, self.eval(generator.iter))
            self.iterables -= 1
            self.assign(generator.target, value)
            if index == 0 and own is not None:
                self.blockers.append(own)
            for test in generator.ifs:
                self.tested(test)
            if index == 0 and own is not None and len(node.generators) > 1:
                self.blockers.pop()
        if own is not None and own not in self.blockers:
            self.blockers.append(own)
        key_value = self.eval(key) if key is not None else None
        # What goes on hands its items to whoever took it, and that was before the commit.
        again = id(node.generators[0].iter) in self.taken
        result = self.eval(element) if again else self.element(element)
        self.env = saved
        if self.expirations > before:
            self.facts.commits_in.update(id(g.iter) for g in node.generators)
        if key is not None:
            return DictOf(self.some(key_value), self.some(result))
        return ListOf(self.some(result))

    def lambda_(
        self,
        node: ast.Lambda,
        arguments: list[Value],
        consumer: ast.expr | None,
        *,
        convertible: bool = False,
    ) -> Value:
        """Evaluate a lambda's body with its parameters bound; gives its result's type."""
        saved = dict(self.env)
        if not convertible:
            self.seen_later(node)
        names = [a.arg for a in positional(node.args)]
        for index, name in enumerate(names):
            self.env[name] = arguments[index] if index < len(arguments) else UNKNOWN
        for extra in (node.args.vararg, node.args.kwarg, *node.args.kwonlyargs):
            if extra is not None:
                self.env[extra.arg] = UNKNOWN
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                # Evaluated where the lambda is made: `lambda x=x: x.total` binds a loop's variable.
                self.query_given_away(default, self.eval(default))
        consumer = None if consumer is node else consumer
        with self.blocked(node, consumer, convertible=convertible):
            result = self.eval(node.body)
        self.env = saved
        return result

    def maker(self, node: ast.Lambda, value: Value) -> SessionFactory | None:
        """`lambda: db.session`; any other lambda's body is not told from its caller's."""
        if isinstance(value, Session) and value.name and not value.given and not node.args.args:
            return SessionFactory(written(node), value)
        return None

    def under(self, of: ast.expr, value: Type, key: ast.expr) -> Type:
        """What is under a key; nobody else has the dict of a function's own `**given`."""
        kwarg = self.function.node.args.kwarg if self.function is not None else None
        own = isinstance(of, ast.Name) and kwarg is not None and of.id == kwarg.arg
        if own and isinstance(value, DictOf) and isinstance(key, ast.Constant):
            return dict(value.known).get(str(key.value)) or subscript_type(value, key)
        return subscript_type(value, key)

    def subscript(self, node: ast.Subscript) -> Value:
        value = self.eval(node.value)
        if value == External("sys.modules"):
            if isinstance(node.slice, ast.Name) and node.slice.id == "__name__":
                return ModuleType(self.module.name)
            self.state.mark("taken_modules", self.project.modules)
        if isinstance(node.ctx, ast.Load):
            self.special(node, value, "__getitem__")

        def item(option: Type) -> Value:
            if isinstance(option, Query):
                query = self.at_hand(option)
                self.facts.fetched.setdefault(id(node), ("[]", set()))[1].add(query)
                return self.step(node, tables.query_subscript(query, node, self.typeof))
            if isinstance(option, ClassType | ModelType):
                of = self.project.classes.get(option.key)
                method = self.project.method(of, "__class_getitem__") if of else None
                meta = self.project.metaclass(of) if of else None
                if meta is not None and (asked := self.project.method(meta, "__getitem__")):
                    method = asked
                if method is None:
                    return option  # `Repository[Order]`: a generic class with its parameters
                self.record("external", node, callees=(method.key,), name="special")
                return self.some(self.given_by(method, node.value))
            if isinstance(option, Object | Instance):
                cls = self.project.classes.get(option.key)
                method = self.project.method(cls, "__getitem__") if cls else None
                if method is not None:
                    return self.some(self.given_by(method, node.value))
                if cls is not None and (field := self.field(node, cls)) is not None:
                    return field
            if is_held_by_application(option):
                return self.got_from_application(node, option, node.slice)
            held = self.under(node.value, option, node.slice)
            self.looked_into(node, option, [node.slice], held)
            return held

        key = self.eval(node.slice)
        if isinstance(node.ctx, ast.Load) and isinstance(value, DictOf) and holds_instance(key):
            # A `defaultdict` puts the key in that it is asked for.
            self.widen(node.value, DictOf(self.some(key), EMPTY))
        self.item_by_name(node, value)
        if isinstance(node.ctx, ast.Load) and _is_place(node.slice):
            self.rows_asked(node.value, value)
        found = self.alternatives(node, options(value), item)
        if value is None:
            return None
        return join_all(found) if found else UNKNOWN


def _is_place(index: ast.expr) -> bool:
    """Whether what is asked for is a part by its place, and no key of a dict."""
    return isinstance(index, ast.Slice) or (
        isinstance(index, ast.Constant) and isinstance(index.value, int)
    )
