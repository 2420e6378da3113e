"""Abstract execution of statements: environments through branches, loops and handlers."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.colour.bases import calling_base
from migrator.colour.calls import Calls
from migrator.colour.escapes import functions_in, handed_functions
from migrator.colour.facts import FunctionFacts
from migrator.colour.lattice import EMPTY, Value, join, options, refreshed, stale
from migrator.colour.names import static_type
from migrator.index.models import Model
from migrator.index.project import ClassInfo, FunctionInfo, Import
from migrator.index.walk import walk
from migrator.queries.join import item_type
from migrator.queries.step import Action, Refusal
from migrator.queries.terminals import unpacks
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    ClassType,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    Object,
    Query,
    Row,
    Session,
    SessionFactory,
    TupleOf,
    Union,
)
from migrator.surface import class_views

#: Methods of a query that give one row.
_ONE_ROW = frozenset({"one", "first", "one_or_none"})
_IN_CLASS = Refusal(
    "MIG508",
    "the body of a class in it may reach the database, where nothing can be awaited",
    "Work it out before the class statement.",
)


class Statements(Calls):
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
                    self.given(node.value, value)
                entry = self.function is not None and self.function.key in self.state.entries
                if entry and node.value is not None:
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
                self.tested(node.test)
                self.repeated(node.body)
                self.run(node.orelse)
            case ast.With() | ast.AsyncWith():
                return self.with_(node)
            case ast.Try() | ast.TryStar():
                return self.try_(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.defined(node)
                self.nested(node)
            case ast.ClassDef():
                self.class_(node)
                found = self.module.bindings.get(node.name)
                if found is None:
                    self.env[node.name] = UNKNOWN
            case ast.Global():
                self.globals.update(node.names)
            case ast.Assert():
                self.eval(node.test)
                if node.msg is not None:
                    self.eval(node.msg)
            case ast.Delete():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.env.pop(target.id, None)
                    else:
                        self.eval(target)
            case ast.Match():
                return self.match_(node)
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case _:
                pass
        return True

    # -- assignment ------------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name():
                self.env[target.id] = value
                self.remember(target.id, value)
                if self.function is None or target.id in self.globals:
                    self.state.flow_variable(self.module.name, target.id, value)
            case ast.Tuple() | ast.List():
                self.unpack(target, value)
            case ast.Starred():
                self.assign(target.value, ListOf(self.some(value)))
            case ast.Attribute():
                self.assign_attribute(target, value)
            case ast.Subscript():
                owner = self.eval(target.value)
                self.eval(target.slice)
                for option in options(owner):
                    if isinstance(option, DictOf):
                        self.widen(target.value, DictOf(EMPTY, self.some(value)))
                    elif isinstance(option, ListOf) and not isinstance(target.slice, ast.Slice):
                        self.widen(target.value, ListOf(self.some(value)))
                    else:
                        self.special(target, option, "__setitem__", name="item assignment")
                        self.escape(target, value)

    def remember(self, name: str, value: Value) -> None:
        """Join a name's type into what the functions inside this one see of it."""
        old = self.facts.environment.get(name)
        new = join(old, value)
        if new != old or name not in self.facts.environment:
            self.facts.environment[name] = new
            if self.function is not None:
                self.state.changed("environment", self.function.key)

    def unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        found: list[Value] = [*options(value)] or [value]
        for option in found:
            items = option.items if isinstance(option, TupleOf | Row) else None
            if items is not None and len(items) == len(target.elts):
                for element, item in zip(target.elts, items, strict=True):
                    self.assign(element, item)
            else:
                one = item_type(option) if option is not None else None
                for element in target.elts:
                    self.assign(element, one)

    def assign_attribute(self, target: ast.Attribute, value: Value) -> None:
        owner = self.eval(target.value)
        self.subject(target, owner)
        for option in options(owner):
            match option:
                case Object(key) | ClassType(key):
                    if isinstance(value, Session) and not value.name:
                        value = Session(f"self.{target.attr}")
                    self.state.flow_attribute(key, target.attr, value)
                case External("flask.g" | "flask.request" as home):
                    self.state.flow_attribute(home, target.attr, value)
                case Instance(key):
                    model = self.models.by_key.get(key)
                    if model is None:
                        continue
                    relationship = model.relationships.get(target.attr)
                    if relationship is not None:
                        if self.assign_relationship(target, option, relationship.uselist):
                            continue
                    elif target.attr not in model.columns:
                        method = self.project.method(model.info, target.attr)
                        if method is not None:
                            self.setter(target, method, option, value)
                        else:
                            self.state.flow_attribute(key, target.attr, value)
                    if setters := self.heard(model, target.attr, value):
                        self.assigned(target, setters)
                case _:
                    self.escape(target, value)

    def assign_relationship(self, target: ast.Attribute, owner: Instance, uselist: bool) -> bool:
        """Replacing an unloaded collection loads the old one (True); a many-to-one does not."""
        loads = uselist and not owner.fresh and target.attr not in owner.loaded
        if loads:
            self.assigned(target, ())
        return loads

    def assigned(self, target: ast.Attribute, callees: tuple[str, ...]) -> None:
        """An assignment that loads: the whole statement becomes a `setattr` in the bridge."""
        node: ast.AST = target if self.assigning is None else self.assigning
        self.record("external", node, callees=callees, name="assign")

    def setter(
        self, target: ast.Attribute, method: FunctionInfo, owner: Instance, value: Value
    ) -> None:
        """A property's setter runs; the index holds it under the getter's name plus its line."""
        for info in self.models.by_key[owner.key].info.module.functions:
            if info.name == target.attr and any(
                d == f"{target.attr}.setter" for d in info.decorators()
            ):
                names = [a.arg for a in info.node.args.args]
                if len(names) == 2:
                    self.state.flow_param(info.key, names[0], owner)
                    self.state.flow_param(info.key, names[1], value)
                    self.assigned(target, (info.key,))

    def augmented(self, node: ast.AugAssign) -> None:
        value = self.eval(node.value)
        if isinstance(node.target, ast.Name):
            old = self.env.get(node.target.id)
            if isinstance(old, ListOf) and isinstance(node.op, ast.Add):
                item = self.iterated(node.value, value)
                self.assign(node.target, ListOf(self.some(join(old.item, item))))
            return
        if isinstance(node.target, ast.Subscript):
            self.special(node, self.eval(node.target.value), "__setitem__", name="item assignment")
            self.eval(node.target.slice)
        if isinstance(node.target, ast.Attribute):
            # Reads the attribute before it writes it.
            owner = self.eval(node.target.value)
            for option in options(owner):
                if isinstance(option, Instance) and (option.stale or option.partial):
                    self.record("stale", node.target.value, io=True)
                model = self.models.by_key.get(option.key) if isinstance(option, Instance) else None
                if model is not None and isinstance(option, Instance):
                    self.extended(node, node.target.attr, option, model)

    def extended(self, node: ast.AugAssign, name: str, owner: Instance, model: Model) -> None:
        """`order.lines += [...]` reads the collection where nothing can be awaited."""
        relationship = model.relationships.get(name)
        if relationship is not None and not owner.fresh and name not in owner.loaded:
            self.record("external", node, callees=(), name="assign")
        elif setters := self.heard(model, name, UNKNOWN):
            self.record("external", node, callees=setters, name="assign")

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

    def narrow(self, test: ast.expr, outcome: bool) -> None:
        """`isinstance(x, C)` and `x is None` say more of x."""
        match test:
            case ast.UnaryOp(op=ast.Not()):
                self.narrow(test.operand, not outcome)
            case ast.BoolOp(op=ast.And()) if outcome:
                for value in test.values:
                    self.narrow(value, True)
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), cls]) if outcome:
                found = self.eval(cls)
                if isinstance(found, ModelType) and found.key in self.models.by_key:
                    old = self.env.get(name)
                    now = Instance(found.key)
                    if isinstance(old, Instance):
                        now = replace(now, stale=old.stale)
                    self.env[name] = now
                elif isinstance(found, External | TupleOf) and name in self.env:
                    kinds = found.items if isinstance(found, TupleOf) else (found,)
                    if all(isinstance(k, External) for k in kinds):
                        self.env[name] = self.narrowed(self.env[name])
            case _:
                pass

    @staticmethod
    def narrowed(value: Value) -> Value:
        if isinstance(value, Union):
            kept = frozenset(o for o in value.options if not isinstance(o, Instance))
            if len(kept) == 1:
                return next(iter(kept))
            return Union(kept) if kept else OPAQUE
        return OPAQUE if value == UNKNOWN else value

    def merged(self, a: dict[str, Value], b: dict[str, Value]) -> dict[str, Value]:
        if a == b:
            return dict(a)
        return {name: join(a.get(name), b.get(name)) for name in {**a, **b}}

    def loop(self, node: ast.For | ast.AsyncFor) -> bool:
        if unpacks(node.target):
            self.unpacked.add(id(node.iter))
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
        self, body: list[ast.stmt], target: ast.expr | None = None, item: Value = None
    ) -> None:
        """Twice, since the second round sees what the first one left."""
        for _ in range(2):
            before = dict(self.env)
            if target is not None:
                self.assign(target, stale(item) if self.committed and _ else item)
            self.run(body)
            self.env = self.merged(before, self.env)

    def with_(self, node: ast.With | ast.AsyncWith) -> bool:
        transaction = False
        before = self.expirations
        for item in node.items:
            expression = item.context_expr
            self.entering = expression
            value = self.eval(expression)
            self.entering = None
            if self.special(node, value, "__enter__", "__exit__", name="with"):
                self.entered_by(value)
            opened = value if isinstance(value, Session) else None
            if isinstance(expression, ast.Call) and isinstance(opened, Session):
                name = expression.func.attr if isinstance(expression.func, ast.Attribute) else ""
                self.record("step", node, action=Action("async_with", awaits=True), io=True)
                transaction = transaction or name == "begin"
                if isinstance(item.optional_vars, ast.Name) and name not in (
                    "begin",
                    "begin_nested",
                ):
                    opened = Session(item.optional_vars.id)
            elif isinstance(value, SessionFactory):
                opened = None
            if item.optional_vars is not None:
                self.assign(
                    item.optional_vars, opened if opened is not None else self.entered(value)
                )
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
                if info is not None and any(isinstance(n, ast.Try) for n in walk(info.node)):
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
                self.env[handler.name] = OPAQUE
            if self.run(handler.body):
                ends.append((self.env, self.committed))
        if ends:
            self.env = ends[0][0]
            for env, _ in ends[1:]:
                self.env = self.merged(self.env, env)
            self.committed = any(c for _, c in ends)
        finished = self.run(node.finalbody)
        return bool(ends) and finished

    def match_(self, node: ast.Match) -> bool:
        self.eval(node.subject)
        before = dict(self.env)
        results: list[dict[str, Value]] = [before]
        for case in node.cases:
            self.env = dict(before)
            for name in ast.walk(case.pattern):
                if isinstance(name, ast.MatchAs | ast.MatchStar) and name.name:
                    self.env[name.name] = UNKNOWN
            if case.guard is not None:
                self.eval(case.guard)
            if self.run(case.body):
                results.append(self.env)
        self.env = results[0]
        for env in results[1:]:
            self.env = self.merged(self.env, env)
        return True

    def nested(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A local function: queued when first seen, so that its closure is known."""
        if self.function is not None and node.name in self.function.locals:
            key = self.function.locals[node.name].key
            self.env[node.name] = Function(key)
            if key not in self.state.facts:
                self.state.queue[key] = None

    def defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What runs where a function is defined: its decorators' arguments and its defaults."""
        for decorator in node.decorator_list:
            self.callee = decorator
            self.state.applied.update(f.key for f in functions_in(self.eval(decorator)))
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.eval(default)

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
                case ast.If() | ast.With():
                    self.class_body(statement.body, foreign, info)
                    self.class_body(getattr(statement, "orelse", []), foreign, info)
                case ast.Assign(value=value) | ast.AnnAssign(value=value) if value is not None:
                    found = self.eval(value)
                    given = foreign and not self.around_view(info, statement)
                    for where, function in handed_functions(value, self.known) if given else ():
                        # A base from elsewhere may call it.
                        self.escape(where, function, "an attribute of a class")
                    if isinstance(statement, ast.Assign):
                        for target in statement.targets:
                            if isinstance(target, ast.Name):
                                self.env[target.id] = found
                case ast.Expr(value=value):
                    self.eval(value)
                case _:
                    pass

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


__all__ = ["Statements"]
