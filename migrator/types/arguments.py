"""What calls are given: values, generators and lambdas that they run, functions that they keep."""

from __future__ import annotations

import ast

from migrator.index.definitions import dotted, last_name
from migrator.index.signature import positional
from migrator.index.walk import walk
from migrator.queries import tables
from migrator.queries.join import item_type
from migrator.queries.listened import LISTENED, heard
from migrator.queries.step import Step
from migrator.queries.types import (
    GIVEN,
    OPAQUE,
    UNKNOWN,
    DictOf,
    External,
    Function,
    ListOf,
    Object,
    Opaque,
    Session,
)
from migrator.types.consumption import STORING, passes_on
from migrator.types.escapes import NOBODYS, functions_in, handed_functions
from migrator.types.externals import calls_later, runs_callback
from migrator.types.keys import is_plain_key
from migrator.types.lattice import (
    Value,
    holds_convertible,
    options,
    queries_in,
    refreshed,
)
from migrator.types.names import SESSION_NAMES
from migrator.types.putting import Putting
from migrator.types.state import CONNECTING

#: Calls that take all of a generator at once: it may become a list without a difference.
_CONSUMERS = frozenset(
    {"sum", "list", "set", "frozenset", "tuple", "sorted", "min", "max", "dict", "join", "Counter"}
)
#: What isn't the repository's and gives what it gets to a function of its own.
_KEEPING = frozenset({"functools.partial", "functools.partialmethod"})
#: What keeps a function until it is started, and calls it elsewhere.
_STARTED_LATER = tuple(
    External(name) for name in ("multiprocessing.Process", "threading.Thread", "threading.Timer")
)
#: What can't stand in the iterable of a comprehension.
_STATEMENT_ONLY = (ast.NamedExpr, ast.Yield, ast.YieldFrom)
#: Expressions that are no display of several values, and no choice between them.
_ONE_VALUE = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.JoinedStr)
#: What hands on the rows that it gets.
_LISTING = frozenset({"list", "tuple", "sorted", "iter", "reversed"})


#: Python's own functions that see the keys alone of a dict that they are given.
_TAKES_KEYS = frozenset(
    f"builtins.{name}"
    for name in (
        "all", "any", "bool", "enumerate", "frozenset", "iter", "len", "list", "max", "min",
        "reversed", "set", "sorted", "sum", "tuple", "zip",
    )
)  # fmt: skip


class Arguments(Putting):
    """Adds the arguments of calls."""

    def arguments(self, node: ast.Call, item: Value = None, *, reads: bool = True) -> list[Value]:
        """Evaluate the arguments; lambdas get `item` as their parameter; stale ones are noted.

        `reads` is False where the call takes an object whether or not a commit has expired it.
        """
        values: list[Value] = []
        name = last_name(node.func)
        callee = self.types.get(id(node.func))
        taken_apart = name == "dict" or (name in _LISTING and id(node) in self.unpacked)
        if taker := self.list_of_map(node):
            self.mapped[id(node.args[0])] = taker
        for argument in (*node.args, *(k.value for k in node.keywords)):
            if taken_apart:
                self.unpacked.add(id(argument))
            if isinstance(argument, ast.Call) and (name in _CONSUMERS or id(node) in self.takers):
                self.takers[id(argument)] = self.takers.get(id(node), node)
            if isinstance(argument, ast.GeneratorExp):
                values.append(self._once(node, argument, None))
                self.types[id(argument)] = values[-1]
            elif isinstance(argument, ast.Lambda):
                parameter = item if item is not None else self.first_item(node, argument)
                values.append(self._once(node, argument, parameter))
            else:
                value = self._once(node, argument, None)
                if not isinstance(callee, Function) and any(
                    LISTENED in query.state for query in queries_in(value)
                ):
                    step = Step(value or UNKNOWN, refusal=heard("a call of it"))
                    self.record("step", argument, step=step, name="handed")
                given = self.given(argument, value) if reads else refreshed(value)
                values.append(self.kept(argument, given))
                self.given_away(argument)
                if not isinstance(callee, External) or callee.dotted in _KEEPING:
                    self.session_called(argument, value, "held")
        for keyword in node.keywords:
            if keyword.arg is None:
                self.read_as_dict(keyword.value, self.types.get(id(keyword.value)))
        return values

    def _once(self, node: ast.Call, argument: ast.expr, parameter: Value) -> Value:
        """An argument, evaluated once for all that the call may mean; a lambda, once for each `parameter`."""
        done = self.argued.get(id(node), {})
        if (id(argument), parameter) not in done:
            done[id(argument), parameter] = self._argument(node, argument, parameter)
        return done[id(argument), parameter]

    def _argument(self, node: ast.Call, argument: ast.expr, parameter: Value) -> Value:
        if isinstance(argument, ast.GeneratorExp):
            convertible = last_name(node.func) in _CONSUMERS or self.asks(node, argument)
            with self.blocked(argument, self.runner(node), convertible=convertible):
                return self.comprehension(argument, argument.elt)
        if isinstance(argument, ast.Lambda) and not self._is_put_in(node):
            return self._key_function(node, argument, parameter)
        return self.eval(argument)

    def _is_put_in(self, node: ast.Call) -> bool:
        """Whether a container keeps what it is given: all that it calls itself is the key of `sort`."""
        match node.func:
            case ast.Attribute(value=container, attr=name):
                of = options(self.types.get(id(container)))
                return name != "sort" and any(isinstance(o, ListOf | DictOf) for o in of)
        return False

    def _key_function(self, node: ast.Call, argument: ast.Lambda, parameter: Value) -> Value:
        """A lambda that a call gets, which is given a `parameter`, or two of them."""
        keyed = is_plain_key(node, argument, self.types.get(id(node.func)), self.module)
        if keyed:
            self.facts.keyed[id(argument)] = node
        elif not runs_callback(dotted(node.func)):
            self.begin_here(argument)
        runner = self.runner(node) or argument
        value = self.lambda_(argument, [parameter] * 2, runner, convertible=keyed)
        self.query_given_away(argument, value)
        self.expose_mapped(node, [value])
        if value is not None:
            value = self.maker(argument, value) or OPAQUE
        if keyed:
            # Nobody else gets it, with items of types unknown.
            self.types[id(argument)] = value
        return value

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
        if not isinstance(value, Opaque) or value != tables.TRANSACTION:
            return value
        self.step(node, tables.kept_transaction())
        return tables.KEPT_TRANSACTION

    def asks(self, node: ast.Call, argument: ast.GeneratorExp) -> bool:
        """Whether it is `any()`, `all()` or `next()`: these have async twins."""
        match node, self.types.get(id(node.func)):
            case ast.Call(args=[first], keywords=[]), External("builtins.any" | "builtins.all"):
                pass
            case ast.Call(args=[first, _], keywords=[]), External("builtins.next"):
                pass
            case ast.Call(args=[first], keywords=[]), External("builtins.next"):
                if self._ends_an_iteration():
                    return False
            case _:
                return False
        if first is argument:
            self.facts.asked[id(argument)] = node
        return first is argument

    def _ends_an_iteration(self) -> bool:
        """Whether code may wait for the StopIteration of a `next()`: its async twin raises another one."""
        said, steps = self.state.read("said", "StopIteration"), self.state.read("given", "__next__")
        return bool(said or steps or self.state.library)

    def runner(self, node: ast.Call) -> ast.Call | None:
        """The call that runs what is handed to `node`; None where that shows elsewhere."""
        later = id(node) in self.stepping or passes_on(node) or calls_later(dotted(node.func))
        later = later or (self._is_put_in(node) and last_name(node.func) in STORING)
        # The framework takes the body of a response, when the view has long been left.
        later = later or last_name(node.func) == "stream_with_context"
        return self.takers.get(id(node)) if later else node

    def first_item(self, node: ast.Call, argument: ast.expr) -> Value:
        """What a key function gets: an item of the first argument, or of the list it is sorted on."""
        sources = [a for a in node.args if a is not argument]
        if sources:
            return self.taken_out(item_type(self.some(self.known(sources[0]))))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "sort":
            return self.taken_out(item_type(self.some(self.known(node.func.value))))
        return UNKNOWN

    def plain(self, node: ast.Call) -> Value:
        self.arguments(node)
        self.reference(node)
        return UNKNOWN

    def escape(
        self, node: ast.expr, value: Value, name: str = "an assignment", *, last: bool = False
    ) -> None:
        """What is stored where we can't follow it is called there without an await.

        With `last`, this function does no more with it: a dynamic relationship's query is as good
        a query as before for whoever gets it.
        """
        self.expose(value)
        self.put_into(node, value)
        if not last:
            self.state.mark("exposed", self.mapped_by(value))
        if holds_convertible(value) or not last:
            self.query_given_away(node, value)
        for function in functions_in(value):
            self.record("reference", node, callees=(function.key,), name=name)

    def reference(self, node: ast.Call) -> None:
        """Functions of the repository that are passed on as values; objects whose methods are."""
        consumer = dotted(node.func) or last_name(node.func)
        handed: list[str] = []
        given = [*node.args, *(k.value for k in node.keywords)]
        self.expose_given(node, list(map(self.known, given)))
        callee = self.known(node.func)
        takes_keys = isinstance(callee, External) and callee.dotted in _TAKES_KEYS
        keys = node.args if takes_keys else ()
        for argument in given:
            value = self.known(argument)
            if isinstance(value, NOBODYS) and isinstance(argument, _ONE_VALUE):
                continue
            if argument in keys and isinstance(value, DictOf):
                continue
            for where, function in handed_functions(argument, self.called_there):
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
        elif handed and callee not in _STARTED_LATER:
            self.record("handing", node, callees=tuple(handed))

    def called_there(self, node: ast.expr) -> Value:
        """What calling a value that is handed over runs: an object's `__call__`, or the value itself."""
        value = self.known(node)
        cls = self.project.classes.get(value.key) if isinstance(value, Object) else None
        method = self.project.method(cls, "__call__") if cls is not None else None
        if method is None:
            return value
        for table in ("taken", "looked_up"):
            self.state.mark(table, [method.key])
        return Function(method.key, True, value)

    def listens(self, key: str) -> None:
        """`event.listen(Session, "before_flush", f)`: SQLAlchemy hands `f` its own session."""
        self.state.listen(key)
        info = self.state.function(key)
        if info is not None:
            for parameter in positional(info.node.args):
                if parameter.arg in SESSION_NAMES:
                    self.state.flow_param(key, parameter.arg, Session(parameter.arg, GIVEN))

    def flow_callback(self, node: ast.Call, callee: Function, argument: ast.expr) -> None:
        """`sorted(xs, key=f)`, `map(f, xs)`: f gets the items."""
        info = self.project.functions.get(callee.key)
        if info is None or not runs_callback(dotted(node.func)):
            return
        item = self.first_item(node, argument)
        names = [a.arg for a in positional(info.node.args)]
        if callee.bound:
            names = names[1:]
        if names:
            self.state.flow_param(info.key, names[0], item)
