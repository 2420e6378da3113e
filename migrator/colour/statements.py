"""Abstract execution of statements: environments through branches, loops and handlers."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.colour.bases import calling_base
from migrator.colour.escapes import functions_in, handed_functions
from migrator.colour.facts import FunctionFacts
from migrator.colour.lattice import Value, join_all, options, refreshed, stale
from migrator.colour.names import static_type
from migrator.colour.patterns import Patterns
from migrator.colour.session_calls import UNKNOWN_SESSION, asked_as_sessions
from migrator.index.binder import is_overload
from migrator.index.definitions import ClassInfo, Import, Variable
from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries import tables
from migrator.queries.step import Action, Refusal
from migrator.queries.terminals import unpacks
from migrator.queries.types import (
    NONE,
    UNKNOWN,
    ClassType,
    External,
    Function,
    ListOf,
    Object,
    Opaque,
    Query,
    Session,
    SessionFactory,
    TupleOf,
    Unknown,
)
from migrator.surface import class_views

#: Methods of a query that give one row.
_ONE_ROW = frozenset({"one", "first", "one_or_none"})
_IN_CLASS = Refusal(
    "MIG508",
    "the body of a class in it may reach the database, where nothing can be awaited",
    "Work it out before the class statement.",
)


class Statements(Patterns):
    """Runs a body of statements over the environment."""

    def run(self, body: list[ast.stmt]) -> bool:
        """Execute; False when the end is never reached (return, raise, continue, break)."""
        return all(self.execute(statement) for statement in body)

    def execute(self, node: ast.stmt) -> bool:
        match node:
            case ast.Expr():
                self.eval(node.value)
            case ast.Assign():
                one = getattr(getattr(node.value, "func", None), "attr", "") in _ONE_ROW
                if one and all(unpacks(t) for t in node.targets):
                    self.unpacked.add(id(node.value))
                value = self.eval(node.value)
                apart = any(isinstance(t, ast.Tuple | ast.List) for t in node.targets)
                if apart and any(isinstance(o, Query) for o in options(value)):
                    value = ListOf(self.some(self.iterated(node.value, value)))
                self.assigning = node if len(node.targets) == 1 else None
                for target in node.targets:
                    self.assign(target, value)
                    if isinstance(target, ast.Attribute):
                        self.given_away(node.value)
                self.assigning = None
            case ast.AnnAssign():
                if node.value is not None:
                    self.assign(node.target, self.eval(node.value))
            case ast.AugAssign():
                self.augmented(node)
            case ast.Return():
                value = self.eval(node.value) if node.value is not None else NONE
                if node.value is not None:
                    value = self.kept(node.value, value)
                    self.given(node.value, value)
                of = self.function
                if of and node.value is not None and self.state.read("entries", of.key):
                    self.escape(node.value, value, "what the framework gets")
                if self.function is not None:
                    self.state.flow_result(self.function.key, refreshed(value))
                return False
            case ast.Raise():
                for part in (node.exc, node.cause):
                    if part is not None:
                        self.eval(part)
                return False
            case ast.Continue() | ast.Break():
                return False
            case ast.If():
                return self.branch(node)
            case ast.For() | ast.AsyncFor():
                return self.loop(node)
            case ast.While():
                self.repeated(node.body, test=node.test)
                self.run(node.orelse)
            case ast.With():
                return self.with_(node)
            case ast.AsyncWith():
                self.async_with(node)
            case ast.Try() | ast.TryStar():
                return self.try_(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.defined(node)
                self.nested(node)
            case ast.ClassDef():
                self.class_(node)
                if not self.project.binds(self.module, node.name):
                    self.env[node.name] = UNKNOWN
            case ast.Global():
                self.globals.update(node.names)
            case ast.Assert():
                self.tested(node.test)
                if node.msg is not None:
                    self.eval(node.msg)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.env.pop(target.id, None)
                    elif isinstance(target, ast.Subscript):
                        self.special(
                            target, self.eval(target.value), "__delitem__", name="deletion"
                        )
                        self.eval(target.slice)
                    else:
                        self.eval(target)
            case ast.Match():
                return self.match_(node)
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case _:
                pass
        return True

    # -- flow ------------------------------------------------------------------------------

    def branch(self, node: ast.If) -> bool:
        self.tested(node.test)
        before, committed = dict(self.env), self.committed
        self.narrow(node.test, True)
        left = self.run(node.body)
        after_left, committed_left = self.env, self.committed
        self.env, self.committed = dict(before), committed
        self.narrow(node.test, False)
        right = self.run(node.orelse)
        after_right, committed_right = self.env, self.committed
        if left and right:
            self.env = self.merged(after_left, after_right)
            self.committed = committed_left or committed_right
        elif left:
            self.env, self.committed = after_left, committed_left
        return left or right

    def loop(self, node: ast.For | ast.AsyncFor) -> bool:
        if unpacks(node.target):
            self.unpacked.add(id(node.iter))
        if isinstance(node, ast.AsyncFor):
            self.awaited(node.iter)
            item: Value = UNKNOWN
        else:
            value = self.eval(node.iter)
            self.streaming = node.iter
            item = self.iterated(node.iter, value)
        self.facts.loop_of[id(node.iter)] = node
        self.streaming = None
        before = self.expirations
        self.repeated(node.body, node.target, item)
        if self.expirations > before:
            self.facts.commits_in.add(id(node.iter))
        self.run(node.orelse)
        return True

    def repeated(
        self,
        body: list[ast.stmt],
        target: ast.expr | None = None,
        item: Value = None,
        *,
        test: ast.expr | None = None,
    ) -> None:
        """Twice, where the second round sees something else than the first one.

        A `for` gives its target an item each time, a `while` asks its test, once more at the end.
        """
        seen: tuple[dict[str, Value], bool] | None = None
        after: dict[str, Value] = {}
        for again in (False, True):
            before = dict(self.env)
            if target is not None:
                self.assign(target, stale(item) if self.committed and again else item)
            sees = dict(self.env), self.committed
            if sees != seen:
                if test is not None:
                    self.tested(test)
                self.run(body)
                seen, after = sees, self.env
            self.env = self.merged(before, after)
        if test is not None and (dict(self.env), self.committed) != seen:
            self.tested(test)

    def caught(self, node: ast.expr | None) -> Value:
        """The exception that a handler gets: its own classes may carry anything."""
        value = self.eval(node) if node is not None else UNKNOWN
        found: list[Value] = []
        for option in value.items if isinstance(value, TupleOf) else options(value):
            if isinstance(option, ClassType):
                found.append(Object(option.key))
            elif isinstance(option, External) and not self.state.has_below(option.dotted):
                found.append(Opaque(option.dotted))
            else:
                found.append(UNKNOWN)
        return join_all(found)

    def async_with(self, node: ast.AsyncWith) -> None:
        """Its managers are asynchronous already; they may stop an exception from anywhere in it."""
        for item in node.items:
            self.awaited(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, UNKNOWN)
        at_first = dict(self.env)
        self.run(node.body)
        self.env = self.merged(at_first, self.env)

    def with_(self, node: ast.With) -> bool:
        transaction = False
        before = self.expirations
        sessions: list[int] = []
        for index, item in enumerate(node.items):
            expression = item.context_expr
            self.entering = expression
            value = self.eval(expression)
            self.entering = None
            if value == tables.KEPT_TRANSACTION:
                self.step(node, tables.kept_transaction())
            if isinstance(value, Unknown) and item.optional_vars is not None:
                body = (n for statement in node.body for n in walk(statement))
                if written(item.optional_vars) in asked_as_sessions(body):
                    self.record("step", expression, step=UNKNOWN_SESSION, name="with")
            if self.special(node, value, "__enter__", "__exit__", name="with"):
                self.entered_by(value)
            opened = value if isinstance(value, Session) else None
            own = isinstance(expression, ast.Name) and opened is not None and not opened.given
            if isinstance(opened, Session) and (own or isinstance(expression, ast.Call)):
                func = getattr(expression, "func", expression)
                name = func.attr if isinstance(func, ast.Attribute) else ""
                made = name == "begin" and self._of_factory(func)
                sessions.append(index)
                transaction = transaction or name == "begin"
                if isinstance(item.optional_vars, ast.Name) and (
                    made or name not in ("begin", "begin_nested")
                ):
                    opened = Session(item.optional_vars.id)
            elif isinstance(value, SessionFactory):
                opened = None
            if item.optional_vars is not None:
                self.assign(
                    item.optional_vars, opened if opened is not None else self.entered(value)
                )
        if sessions:
            others = [i for i in range(len(node.items)) if i not in sessions]
            action = Action("async_with", {"others": others}, awaits=True)
            self.record("step", node, action=action, io=True)
        at_first = dict(self.env)
        # What commits when it is entered, or when it is left: a call says no more.
        transaction = transaction or self.expirations > before
        finished = self.run(node.body)
        if self.expirations > before:
            self.facts.commits_in.update(id(item.context_expr) for item in node.items)
        if transaction:
            self.expire()
        if any(self.suppresses(item.context_expr) for item in node.items):
            # It may have stopped an exception from anywhere in the block.
            self.env = self.merged(at_first, self.env)
            return True
        return finished

    def _of_factory(self, method: ast.expr) -> bool:
        """Whether it is a method of a `sessionmaker`."""
        owner = method.value if isinstance(method, ast.Attribute) else method
        return isinstance(self.known(owner), SessionFactory)

    def entered_by(self, value: Value) -> None:
        """Entering or leaving an object of the repository's own may commit."""
        for option in options(value):
            cls = self.project.classes.get(option.key) if isinstance(option, Object) else None
            for name in ("__enter__", "__exit__"):
                method = self.project.method(cls, name) if cls is not None else None
                if method is not None and self.state.does_commit(method.key):
                    self.expire()

    def suppresses(self, expression: ast.expr) -> bool:
        """Whether what is entered may stop an exception: then the code below goes on."""
        if isinstance(expression, ast.Call):
            callee = self.types.get(id(expression.func))
            if callee == External("contextlib.suppress"):
                return True
            for function in functions_in(callee):
                info = self.state.function(function.key)
                if info is not None and any(isinstance(n, ast.Try) for n in info.nodes):
                    return True
        for option in options(self.types.get(id(expression))):
            cls = self.project.classes.get(option.key) if isinstance(option, Object) else None
            if cls is not None and self.project.method(cls, "__exit__") is not None:
                return True
        return False

    def entered(self, value: Value) -> Value:
        """What `as` gives: for a generator-based context manager, what it yields."""
        if isinstance(value, ListOf):
            return value.item
        for option in options(value):
            if isinstance(option, Object):
                cls = self.project.classes.get(option.key)
                method = self.project.method(cls, "__enter__") if cls else None
                if method is not None:
                    self.flow_self(method, option)
                    return self.state.result(method.key)
        return UNKNOWN if value is not None else None

    def try_(self, node: ast.Try | ast.TryStar) -> bool:
        before, committed = dict(self.env), self.committed
        reached = self.run(node.body)
        body_env, body_committed = self.env, self.committed
        if reached:
            reached = self.run(node.orelse)
            body_env, body_committed = self.env, self.committed
        ends: list[tuple[dict[str, Value], bool]] = [(body_env, body_committed)] if reached else []
        for handler in node.handlers:
            # An exception may have come from anywhere in the body.
            self.env = self.merged(before, body_env)
            self.committed = committed or body_committed
            if handler.name:
                self.env[handler.name] = self.caught(handler.type)
            if self.run(handler.body):
                ends.append((self.env, self.committed))
        if ends:
            self.env = ends[0][0]
            for env, _ in ends[1:]:
                self.env = self.merged(self.env, env)
            self.committed = any(c for _, c in ends)
        finished = self.run(node.finalbody)
        return bool(ends) and finished

    def nested(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A local function: queued when first seen, so that its closure is known."""
        if self.function is not None and node.name in self.function.locals:
            key = self.function.locals[node.name].key
            self.env[node.name] = Function(key)
            if not self.state.read("known", key):
                self.state.put("known", key, None)

    def defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What runs where a function is defined: its decorators' arguments and its defaults."""
        if self.several(node.name) and not is_overload(node):
            self.also(
                node.name, Function(next(f.key for f in self.module.functions if f.node is node))
            )
        for decorator in node.decorator_list:
            self.callee = decorator
            self.state.mark("applied", [f.key for f in functions_in(self.eval(decorator))])
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.eval(default)

    def also(self, name: str, value: Value) -> None:
        """A definition or an import of a name that has others, by conditions."""
        if self.several(name):
            self.state.flow_variable(self.module.name, name, value)

    def several(self, name: str) -> bool:
        """Whether a name at the top of the module stands for several things."""
        return self.function is None and isinstance(self.module.bindings.get(name), Variable)

    def class_(self, node: ast.ClassDef) -> None:
        """What runs where a class is defined; its functions are looked at by themselves."""
        for expression in (*node.decorator_list, *(k.value for k in node.keywords)):
            self.eval(expression)
        info = self.project.classes.get(f"{self.module.name}:{node.name}")
        foreign = info is None or bool(self.project.external_bases(info))
        saved, facts = dict(self.env), self.facts
        if self.function is not None:
            self.facts = FunctionFacts(facts.key, environment=dict(facts.environment))
        self.class_body(node.body, foreign, info)
        self.env, inner, self.facts = saved, self.facts, facts
        for fact in inner if inner is not facts else ():
            if fact.kind != "reference" and (fact.io or fact.callees or fact.kind == "unresolved"):
                fact = replace(fact, refusal=fact.refusal or _IN_CLASS)
            facts.add(fact)

    def class_body(self, body: list[ast.stmt], foreign: bool, info: ClassInfo | None) -> None:
        for statement in body:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.defined(statement)
                    method = info.methods.get(statement.name) if info is not None else None
                    if method is not None:
                        self.env[statement.name] = Function(method.key)
                case ast.ClassDef():
                    self.class_(statement)
                case ast.If(test=test) | ast.While(test=test):
                    self.tested(test)
                    self.class_body([*statement.body, *statement.orelse], foreign, info)
                case ast.For(target=target, iter=iterable):
                    self.assign(target, self.iterated(iterable, self.eval(iterable)))
                    self.class_body([*statement.body, *statement.orelse], foreign, info)
                case ast.With():
                    for item in statement.items:
                        value = self.eval(item.context_expr)
                        self.special(statement, value, "__enter__", "__exit__", name="with")
                        if item.optional_vars is not None:
                            self.assign(item.optional_vars, self.entered(value))
                    self.class_body(statement.body, foreign, info)
                case ast.Try() | ast.TryStar():
                    handled = [s for handler in statement.handlers for s in handler.body]
                    rest = [*statement.orelse, *statement.finalbody]
                    self.class_body([*statement.body, *handled, *rest], foreign, info)
                case ast.Assign(value=value) | ast.AnnAssign(value=value) if value is not None:
                    found = self.eval(value)
                    if self.function is not None:
                        self.query_given_away(value, found)
                    given = foreign and not self.around_view(info, statement)
                    for where, function in handed_functions(value, self.known) if given else ():
                        # A base from elsewhere may call it.
                        self.escape(where, function, "an attribute of a class")
                    if isinstance(statement, ast.Assign):
                        for target in statement.targets:
                            if isinstance(target, ast.Name):
                                self.env[target.id] = found
                case _:
                    self.execute(statement)

    def around_view(self, info: ClassInfo | None, statement: ast.Assign | ast.AnnAssign) -> bool:
        """Whether it is the `decorators` of a class-based view, which Flask applies to its view."""
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return (
            info is not None
            and any(isinstance(t, ast.Name) and t.id == "decorators" for t in targets)
            and class_views.is_view(self.project, info)
            and not calling_base(self.project, info)
        )

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        """An import inside a function: bound as the same import at the top would be."""
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                target = self.module.absolute(node.module, node.level)
                found = self.project.imported(Import(target, alias.name))
                name = alias.asname or alias.name
            else:
                root = alias.name if alias.asname else alias.name.partition(".")[0]
                found = self.project.imported(Import(root))
                name = alias.asname or root
            self.env[name] = static_type(self.state, found, name)
            self.also(name, self.env[name])
