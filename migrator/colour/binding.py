"""Calls of the repository's own functions: arguments flow into parameters, results come back."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from migrator.colour.consumption import passes_on
from migrator.colour.crossing import OF_PARAMETER, respelled, session_of, simple
from migrator.colour.escapes import classes_in, functions_in, handed_functions
from migrator.colour.expressions import Expressions
from migrator.colour.externals import calls_later, runs_callback
from migrator.colour.keys import is_plain_key
from migrator.colour.lattice import (
    Value,
    holds_convertible,
    holds_query,
    join,
    options,
    refreshed,
    transform,
)
from migrator.colour.mixins import specialised_query
from migrator.colour.names import SESSION_NAMES, instance_type, is_db_class
from migrator.colour.refiners import of_kind, refined_parameter
from migrator.colour.state import CONNECTING
from migrator.index.definitions import FunctionInfo, dotted
from migrator.index.model import Model
from migrator.index.walk import walk
from migrator.queries import tables
from migrator.queries.join import item_type
from migrator.queries.types import (
    GIVEN,
    OPAQUE,
    UNKNOWN,
    ClassType,
    Db,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    Object,
    Opaque,
    Query,
    Session,
    Type,
    Union,
)


def _first(method: FunctionInfo) -> str:
    arguments = method.node.args
    return next((a.arg for a in (*arguments.posonlyargs, *arguments.args)), "self")


def _of_class(receiver: Type, key: str) -> Type:
    return replace(receiver, key=key) if isinstance(receiver, Object | Instance) else receiver


#: Calls that take all of a generator at once: it may become a list without a difference.
CONSUMERS = frozenset(
    {"sum", "list", "set", "frozenset", "tuple", "sorted", "min", "max", "dict", "join", "Counter"}
)
#: What can't stand in the iterable of a comprehension.
_STATEMENT_ONLY = (ast.NamedExpr, ast.Yield, ast.YieldFrom)
#: What hands on the rows that it gets.
_LISTING = frozenset({"list", "tuple", "sorted", "iter", "reversed"})


#: Calls that take objects and call no methods of theirs but special ones.
_READS_NOTHING = ("builtins.", "copy.", "typing.", "dataclasses.", "weakref.")
#: Python's own functions that see the keys alone of a dict that they are given.
_TAKES_KEYS = tuple(
    External(f"builtins.{name}")
    for name in (
        "all", "any", "bool", "enumerate", "frozenset", "iter", "len", "list", "max", "min",
        "reversed", "set", "sorted", "sum", "tuple", "zip",
    )
)  # fmt: skip


class Binding(Expressions):
    """Adds functions and classes of the repository."""

    def arguments(self, node: ast.Call, item: Value = None) -> list[Value]:
        """Evaluate the arguments; lambdas get `item` as their parameter; stale ones are noted."""
        values: list[Value] = []
        name = dotted(node.func).rpartition(".")[2] or (
            node.func.attr if isinstance(node.func, ast.Attribute) else ""
        )
        if taker := self.list_of_map(node):
            self.mapped[id(node.args[0])] = taker
        for argument in (*node.args, *(k.value for k in node.keywords)):
            if name == "dict" or (name in _LISTING and id(node) in self.unpacked):
                self.unpacked.add(id(argument))
            if isinstance(argument, ast.Call) and (name in CONSUMERS or id(node) in self.takers):
                self.takers[id(argument)] = self.takers.get(id(node), node)
            if isinstance(argument, ast.GeneratorExp):
                convertible = name in CONSUMERS or self.asks(node, argument)
                with self.blocked(argument, self.runner(node), convertible=convertible):
                    values.append(self.comprehension(argument, argument.elt))
                self.types[id(argument)] = values[-1]
            elif isinstance(argument, ast.Lambda):
                parameter = item if item is not None else self.first_item(node, argument)
                keyed = is_plain_key(node, argument, self.types.get(id(node.func)), self.module)
                if keyed:
                    self.facts.keyed[id(argument)] = node
                runner = self.runner(node) or argument
                values.append(self.lambda_(argument, [parameter] * 2, runner, convertible=keyed))
                self.query_given_away(argument, values[-1])
                values[-1] = OPAQUE if values[-1] is not None else None
                if keyed:
                    # Nobody else gets it, with items of types unknown.
                    self.types[id(argument)] = values[-1]
            else:
                values.append(
                    self.kept(argument, refreshed(self.given(argument, self.eval(argument))))
                )
                self.given_away(argument)
        return values

    def list_of_map(self, node: ast.Call) -> ast.Call | None:
        """The call of `list(map(f, xs))`, by that of `map`, where a comprehension says the same."""
        match self.takers.get(id(node)), node:
            case ast.Call(args=[inner], keywords=[]) as taker, ast.Call(args=[_, items]) if (
                inner is node
                and self.types.get(id(node.func)) == External("builtins.map")
                and self.types.get(id(taker.func)) == External("builtins.list")
                and not isinstance(items, ast.Starred)
                and not any(isinstance(n, _STATEMENT_ONLY) for n in walk(items))
            ):
                return taker
        return None

    def kept(self, node: ast.expr, value: Value) -> Value:
        """A value that leaves this place; a transaction does so as a sync one."""
        if value != tables.TRANSACTION:
            return value
        self.step(node, tables.kept_transaction())
        return tables.KEPT_TRANSACTION

    def asks(self, node: ast.Call, argument: ast.GeneratorExp) -> bool:
        """Whether it is `any()`, `all()` or `next()` with a default: these have async twins."""
        match node, self.types.get(id(node.func)):
            case ast.Call(args=[first], keywords=[]), External("builtins.any" | "builtins.all"):
                pass
            case ast.Call(args=[first, _], keywords=[]), External("builtins.next"):
                pass
            case _:
                return False
        if first is argument:
            self.facts.asked[id(argument)] = node
        return first is argument

    def runner(self, node: ast.Call) -> ast.Call | None:
        """The call that runs what is handed to `node`; None where that shows elsewhere."""
        later = passes_on(node) or calls_later(dotted(node.func))
        return self.takers.get(id(node)) if later else node

    def first_item(self, node: ast.Call, argument: ast.expr) -> Value:
        """What a key function gets: an item of the first argument, or of the list it is sorted on."""
        sources = [a for a in node.args if a is not argument]
        if sources:
            return item_type(self.some(self.known(sources[0])))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "sort":
            return item_type(self.some(self.known(node.func.value)))
        return UNKNOWN

    def plain(self, node: ast.Call) -> Value:
        self.arguments(node)
        self.reference(node)
        return UNKNOWN

    def escape(self, node: ast.expr, value: Value, name: str = "an assignment") -> None:
        """What is stored where we can't follow it is called there without an await."""
        self.expose(value)
        self.query_given_away(node, value)
        for function in functions_in(value):
            self.record("reference", node, callees=(function.key,), name=name)

    def construct(self, node: ast.Call, callee: ClassType | ModelType, key: str) -> Value:
        cls = self.project.classes.get(key)
        if cls is None:
            return self.plain(node)
        found = self.project.resolve(cls.module, ast.Name(cls.name, ast.Load()))
        if is_db_class(self.state, found) or is_db_class(self.state, cls):
            self.arguments(node)
            return Db()
        created = instance_type(self.state, cls)
        init = self.project.method(cls, "__init__")
        if init is not None:
            fresh = replace(created, fresh=True) if isinstance(created, Instance) else created
            self.bind(node, init, fresh)
            self.record("call", node, callees=(init.key,), name="__init__")
        else:
            values = self.arguments(node)
            if isinstance(created, Object):
                self.dataclass_fields(node, key, values)
            elif key in self.models.by_key:
                self.validated(node, self.models.by_key[key])
            after = self.project.method(cls, "__post_init__")
            if after is not None:
                self.state.flow_param(after.key, _first(after), created)
                self.record("call", node, callees=(after.key,), name="__init__")
        if init is None or self.project.external_bases(cls):
            # A base from elsewhere may keep what it is given.
            self.reference(node)
        if isinstance(created, Instance):
            return replace(created, fresh=True)
        return created

    def validated(self, node: ast.Call, model: Model) -> None:
        """The constructor of a mapped class sets what it is given: validators run."""
        found: list[str] = []
        for keyword in node.keywords:
            names = model.setters if keyword.arg is None else [keyword.arg]
            value = UNKNOWN if keyword.arg is None else self.known(keyword.value)
            found += [key for name in names for key in self.heard(model, name, value)]
        if found:
            self.record("external", node, callees=tuple(dict.fromkeys(found)), name="validators")

    def heard(self, model: Model, name: str, value: Value) -> tuple[str, ...]:
        """The functions that run when an attribute is set; they are given the value."""
        keys = tuple(model.setters.get(name, ()))
        for key in keys:
            info = self.state.function(key)
            arguments = info.node.args.args if info is not None else []
            at = 2 if info is not None and info.owner is not None else 1
            if len(arguments) > at:
                self.state.flow_param(key, arguments[at].arg, value)
        return keys

    def dataclass_fields(self, node: ast.Call, key: str, values: list[Value]) -> None:
        """A dataclass or NamedTuple: arguments become attributes by order and name."""
        cls = self.project.classes[key]
        names = [n for n, (annotation, _) in cls.attributes.items() if annotation is not None]
        for index, _ in enumerate(node.args):
            if index < len(names):
                self.state.flow_attribute(key, names[index], values[index])
        for keyword, value in zip(node.keywords, values[len(node.args) :], strict=False):
            if keyword.arg:
                self.state.flow_attribute(key, keyword.arg, value)

    def function_call(
        self, node: ast.Call, callee: Function, targets: Sequence[FunctionInfo] = ()
    ) -> Value:
        """The call of `callee`, or of one of `targets` where they are known."""
        info = self.project.functions.get(callee.key)
        if info is None:
            return self.plain(node)
        targets = targets or self.overrides(info, callee)
        result: Value = None
        if callee.bound and isinstance(node.func, ast.Attribute):
            receiver = self.given(node.func.value, callee.receiver)
            callee = replace(callee, receiver=refreshed(receiver))
        for target in targets:
            receiver = callee.receiver if callee.bound else None
            if target is not info and target.owner is not None and receiver is not None:
                # An override is met on an instance of the class that has it.
                receiver = _of_class(receiver, target.owner.key)
            texts = self.bind(node, target, receiver)
            value = self.state.result(target.key)
            value = respelled(value, texts)
            value = self.specialised(value, callee.receiver, target)
            value = self.refined(node, target, receiver, value)
            result = join(result, value)
            result = join(result, self.made_by_decorators(target))
        # Whoever calls what is asynchronous already awaits it.
        sync = tuple(t.key for t in targets if not t.is_async)
        if sync:
            self.record("call", node, callees=sync)
        if any(self.state.reads_hung(t.key) for t in targets):
            self.state.flow_hung(self.state.current)
            if self.committed:
                self.record("hung", node, io=True)
        if any(self.state.does_commit(t.key) for t in targets):
            self.expire()
        return result

    def made_by_decorators(self, target: FunctionInfo) -> Value:
        """Functions that the function's name gives when called, for what its decorators return."""
        result: Value = None
        for decorator in target.node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            found = target.around(called) or self.project.resolve(target.module, called)
            if not isinstance(found, FunctionInfo):
                continue
            steps = 2 if called is decorator else 3
            made = [Function(found.key)]
            for _ in range(steps):
                made = [f for m in made for f in functions_in(self.state.result(m.key))]
            for inner in made:
                if inner.key != target.key:
                    result = join(result, inner)
        return result

    def refined(self, node: ast.Call, target: FunctionInfo, receiver: Value, value: Value) -> Value:
        """The kind of query that this call gives, where others give the function other kinds."""
        if not isinstance(value, Union) or not holds_query(value):
            return value
        name = refined_parameter(target)
        if not name:
            return value
        names = [a.arg for a in (*target.node.args.posonlyargs, *target.node.args.args)]
        if receiver is not None:
            if names[:1] == [name]:
                return of_kind(value, receiver)
            names = names[1:]
        for parameter, argument in zip(names, node.args, strict=False):
            if parameter == name and not isinstance(argument, ast.Starred):
                return of_kind(value, self.known(argument))
        for keyword in node.keywords:
            if keyword.arg == name:
                return of_kind(value, self.known(keyword.value))
        return value

    def overrides(self, info: FunctionInfo, callee: Function) -> list[FunctionInfo]:
        """The function and what overrides it below the receiver's class."""
        found = [info]
        if callee.bound and isinstance(callee.receiver, Object | Instance):
            cls = self.project.classes.get(callee.receiver.key)
            if cls is not None:
                for below in self.project.subclasses(cls):
                    other = below.methods.get(info.name)
                    if other is not None and other not in found:
                        found.append(other)
        return found

    def specialised(self, value: Value, receiver: Type | None, target: FunctionInfo) -> Value:
        """`cls()` or `self` of a mixin's method is an instance of the class it was called on."""
        if receiver is None or target.owner is None:
            return value
        key = receiver.key if isinstance(receiver, ModelType | Instance) else ""
        if not key or key == target.owner.key:
            return value
        mine = target.owner.key
        text = receiver.text if isinstance(receiver, ModelType) else ""
        value = transform(value, lambda i: replace(i, key=key) if i.key == mine else i)
        return specialised_query(value, mine, key, text)

    def bind(self, node: ast.Call, info: FunctionInfo, receiver: Value) -> dict[str, str | Session]:
        """Let the arguments flow into the parameters; gives what each parameter stands for here:

        a session, or the text of the argument where it is a plain name.
        """
        arguments = info.node.args
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        own = positional[0] if receiver is not None and positional else ""
        if own:
            # The session of a query is known by its parameter there.
            mine = respelled(receiver, {}, f"{OF_PARAMETER}{own}")
            self.state.flow_param(info.key, own, mine)
            positional = positional[1:]
        elif info.owner is not None and info.name == "__init__":
            positional = positional[1:]
        values = self.arguments(node)
        given = [*node.args, *(k.value for k in node.keywords)]
        if any(map(holds_query, (receiver, *values))):
            self.facts.passes_query.add(id(node))
        queries = [(a, v) for a, v in zip(given, values, strict=True) if holds_convertible(v)]
        if holds_convertible(receiver) and isinstance(node.func, ast.Attribute):
            queries.append((node.func.value, receiver))
        self.facts.query_arguments[id(node)] = [argument for argument, _ in queries]
        if not all(isinstance(v, Query) and not isinstance(a, ast.Starred) for a, v in queries):
            self.facts.passes_held.add(id(node))
        texts = self.texts(node, info, positional, receiver is not None)
        if own and holds_query(receiver):
            texts[f"{OF_PARAMETER}{own}"] = session_of(receiver)
        here: dict[str, str | Session] = {
            t.text if isinstance(t, Session) else t: name for name, t in texts.items() if t
        }
        names_of = [*positional[: len(node.args)], *[""] * (len(node.args) - len(positional))]
        names_of += [k.arg or "" for k in node.keywords]
        for index, name in enumerate(names_of):
            inner = f"{OF_PARAMETER}{name}" if name else ""
            if inner and holds_query(values[index]):
                texts[inner] = session_of(values[index])
            values[index] = respelled(values[index], here, inner)
        filled: set[str] = set()
        star = False
        for index, argument in enumerate(node.args):
            if isinstance(argument, ast.Starred):
                star = True
                continue
            if star:
                continue
            if index < len(positional):
                self.flow(argument, info, positional[index], values[index])
                filled.add(positional[index])
            elif arguments.vararg is not None:
                value = values[index]
                self.flow(argument, info, arguments.vararg.arg, ListOf(self.some(value)))
        names = set(positional) | {a.arg for a in arguments.kwonlyargs}
        for keyword, value in zip(node.keywords, values[len(node.args) :], strict=False):
            if keyword.arg is None:
                star = True
            elif keyword.arg in names:
                self.flow(keyword.value, info, keyword.arg, value)
                filled.add(keyword.arg)
            elif arguments.kwarg is not None:
                held = DictOf(Opaque("str"), self.some(value))
                self.flow(keyword.value, info, arguments.kwarg.arg, held)
        if star:
            for name in names - filled:
                self.state.flow_param(info.key, name, UNKNOWN)
        else:
            for name in names - filled:
                self.state.leave_param(info.key, name)
        return texts

    def flow(self, argument: ast.expr, info: FunctionInfo, name: str, value: Value) -> None:
        """Let an argument flow into a parameter.

        A query that others' arguments hide there is one that the callee uses as it is.
        """
        self.state.flow_param(info.key, name, value)
        if holds_query(value):
            self.query_lost(argument, value, self.state.param(info.key, name))

    def texts(
        self, node: ast.Call, info: FunctionInfo, positional: list[str], bound: bool
    ) -> dict[str, str | Session]:
        """What stands for each parameter: a session, the text of a plain name, or ""."""
        pairs: list[tuple[str, ast.expr]] = []
        for name, argument in zip(positional, node.args, strict=False):
            if isinstance(argument, ast.Starred):
                break
            pairs.append((name, argument))
        pairs += [(k.arg, k.value) for k in node.keywords if k.arg is not None]
        parameters = [*info.node.args.posonlyargs, *info.node.args.args]
        if bound and parameters and isinstance(node.func, ast.Attribute):
            pairs.append((parameters[0].arg, node.func.value))
        found: dict[str, str | Session] = {}
        for name, argument in pairs:
            text, value = simple(argument), self.known(argument)
            found[name] = value if text and isinstance(value, Session) else text
        return found

    def reference(self, node: ast.Call) -> None:
        """Functions of the repository that are passed on as values; objects whose methods are."""
        consumer = dotted(node.func) or getattr(node.func, "attr", "")
        handed: list[str] = []
        given = [*node.args, *(k.value for k in node.keywords)]
        exposing = bool(given) and not self.reads_nothing(node)
        for argument in given:
            if exposing:
                self.expose(self.known(argument))
            if isinstance(self.known(argument), DictOf) and self.known(node.func) in _TAKES_KEYS:
                continue
            for where, function in handed_functions(argument, self.known):
                self.record("reference", where, callees=(function.key,), name=consumer)
                if consumer.rpartition(".")[2] == "listen":
                    self.listens(function.key)
                if consumer.endswith(CONNECTING):
                    self.state.receive(function.key)
                handed.append(function.key)
                if where is argument:
                    self.flow_callback(node, function, argument)
        if handed and (runs_callback(consumer) or calls_later(consumer)):
            runner = self.runner(node)
            name = "kept callback" if runner is None else "callback"
            self.record("external", runner or node, callees=tuple(handed), name=name)
        elif handed:
            self.record("handing", node, callees=tuple(handed))

    def reads_nothing(self, node: ast.Call) -> bool:
        """Whether the callee calls no method of the objects that it is given."""
        found = self.known(node.func)
        names = [o.dotted for o in options(found) if isinstance(o, External)]
        return bool(names) and all(name.startswith(_READS_NOTHING) for name in names)

    def expose(self, value: Value) -> None:
        """Code that we can't follow has these objects, or their class."""
        self.state.mark("exposed", classes_in(value))

    def listens(self, key: str) -> None:
        """`event.listen(Session, "before_flush", f)`: SQLAlchemy hands `f` its own session."""
        self.state.listen(key)
        info = self.state.function(key)
        if info is not None:
            arguments = info.node.args
            for parameter in (*arguments.posonlyargs, *arguments.args):
                if parameter.arg in SESSION_NAMES:
                    self.state.flow_param(key, parameter.arg, Session(parameter.arg, GIVEN))

    def flow_callback(self, node: ast.Call, callee: Function, argument: ast.expr) -> None:
        """`sorted(xs, key=f)`, `map(f, xs)`: f gets the items."""
        info = self.project.functions.get(callee.key)
        if info is None or not runs_callback(dotted(node.func)):
            return
        item = self.first_item(node, argument)
        names = [a.arg for a in (*info.node.args.posonlyargs, *info.node.args.args)]
        if callee.bound:
            names = names[1:]
        if names:
            self.state.flow_param(info.key, names[0], item)
