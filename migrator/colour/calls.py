"""Abstract evaluation of calls: into the tables for queries, into functions of the repository."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.colour.crossing import OF_PARAMETER, respelled, session_of, simple
from migrator.colour.escapes import functions_in, handed_functions
from migrator.colour.expressions import CONSUMERS, Expressions
from migrator.colour.externals import (
    KEEPS_INSTANCES,
    SAFE,
    constructed,
    is_column_builder,
    runs_callback,
)
from migrator.colour.lattice import (
    EMPTY,
    Value,
    holds_instance,
    holds_query,
    join,
    join_all,
    may_load,
    options,
    refreshed,
    transform,
)
from migrator.colour.mixins import specialised_query
from migrator.colour.names import instance_type, is_db_class
from migrator.colour.repositories import repository_step
from migrator.index.project import FunctionInfo, Variable, dotted
from migrator.queries import tables
from migrator.queries.expressions import column_call, external_call
from migrator.queries.join import item_type
from migrator.queries.step import Refusal, Step
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    Alias,
    ClassType,
    Column,
    Db,
    DictOf,
    External,
    Function,
    Instance,
    ListOf,
    ModelType,
    ModuleType,
    Object,
    Opaque,
    Pagination,
    Query,
    RelationshipAttribute,
    Result,
    Row,
    Select,
    Selectable,
    Session,
    SessionFactory,
    TupleOf,
    Type,
    Unknown,
)

#: What a Flask-SQLAlchemy extension does by itself; its other names are SQLAlchemy's.
_DB_HELPERS = frozenset(
    {"get_or_404", "first_or_404", "one_or_404", "paginate", "create_all", "drop_all", "reflect"}
)


#: A query on a receiver that nobody knows: its function can be converted in no way.
_NO_SESSION = Step(
    io=True,
    site=True,
    refusal=Refusal(
        "MIG517",
        "a query on a receiver whose type can't be resolved",
        "Annotate it as a Session, where it is a parameter or an attribute.",
    ),
)


def _of_class(receiver: Type, key: str) -> Type:
    return replace(receiver, key=key) if isinstance(receiver, Object | Instance) else receiver


class Calls(Expressions):
    """Adds calls to the evaluation of expressions."""

    def call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Attribute):
            owner = self.eval(node.func.value)
            if owner is None:
                self.arguments(node)
                return None
            func = node.func
            results = self.alternatives(
                node, options(owner), lambda option: self.method_call(node, func, option)
            )
            return join_all(results) if results else self.plain(node)
        self.callee = node.func
        callee = self.eval(node.func)
        if callee is None:
            self.arguments(node)
            return None
        return join_all([self.called(node, option) for option in options(callee)] or [UNKNOWN])

    # -- arguments -------------------------------------------------------------------------

    def arguments(self, node: ast.Call, item: Value = None) -> list[Value]:
        """Evaluate the arguments; lambdas get `item` as their parameter; stale ones are noted."""
        values: list[Value] = []
        name = dotted(node.func).rpartition(".")[2] or (
            node.func.attr if isinstance(node.func, ast.Attribute) else ""
        )
        for argument in (*node.args, *(k.value for k in node.keywords)):
            if isinstance(argument, ast.GeneratorExp):
                convertible = name in CONSUMERS
                with self.blocked(argument, node, convertible=convertible):
                    values.append(self.comprehension(argument, argument.elt))
                self.types[id(argument)] = values[-1]
            elif isinstance(argument, ast.Lambda):
                parameter = item if item is not None else self.first_item(node, argument)
                values.append(self.lambda_(argument, [parameter] * 2, node))
                values[-1] = OPAQUE if values[-1] is not None else None
            else:
                values.append(refreshed(self.given(argument, self.eval(argument))))
                self.given_away(argument)
        return values

    def given_away(self, argument: ast.expr) -> None:
        """What is handed on may be put into a session: it counts as new no longer."""
        if isinstance(argument, ast.Name) and argument.id in self.env:
            self.env[argument.id] = transform(
                self.env[argument.id], lambda i: replace(i, fresh=False) if i.fresh else i
            )

    def first_item(self, node: ast.Call, argument: ast.Lambda) -> Value:
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

    # -- methods ---------------------------------------------------------------------------

    def method_call(self, node: ast.Call, func: ast.Attribute, owner: Type) -> Value:
        name = func.attr
        match owner:
            case Query():
                self.arguments(node)
                self.reference(node)
                owner = self.at_hand(owner)
                return self.step(node, tables.query_step(owner, name, node, self.typeof))
            case Session():
                return self.session_call(node, owner, name)
            case Db():
                return self.db_call(node, func, owner, name)
            case Select():
                self.arguments(node)
                return self.step(node, tables.select_step(owner, name, node, self.typeof))
            case Result():
                self.arguments(node)
                return self.step(node, tables.result_step(owner, name, node, self.typeof))
            case Pagination():
                self.arguments(node)
                if name == "iter_pages":
                    return ListOf(OPAQUE)
                return self.step(node, tables.pagination_attribute(owner, name))
            case Row():
                self.arguments(node)
                return self.step(node, tables.row_call(owner, name, node, self.typeof))
            case ListOf() | DictOf() | TupleOf():
                return self.container_call(node, func, owner, name)
            case Column() | RelationshipAttribute():
                self.arguments(node)
                return column_call(owner, name, node)
            case Alias():
                self.arguments(node)
                return Column(ast.unparse(node))
            case Selectable():
                self.arguments(node)
                return owner if name in ("alias", "lateral", "join", "outerjoin") else Column()
            case tables.TRANSACTION:
                self.arguments(node)
                return self.step(node, tables.transaction_step(name, node))
            case Unknown() | Opaque("<empty>"):
                self.callee = func
                self.eval(func)
                self.arguments(node)
                if name.startswith("__"):
                    return UNKNOWN
                if name == "query" and self.queries_model(node):
                    self.record("step", node, step=_NO_SESSION)
                    return UNKNOWN
                self.reference(node)
                self.record("unresolved", node, name=name)
                return UNKNOWN
            case Opaque():
                values = self.arguments(node)
                self.reference(node)
                if name == "__init__":
                    return NONE
                if any(holds_instance(v) or holds_query(v) for v in values):
                    self.handed_over(node, values)
                    return UNKNOWN
                return OPAQUE
        callee = self.member(func, owner)
        if isinstance(owner, Object) and callee in (None, UNKNOWN):
            step = repository_step(self, owner, name, node)
            if step is not None:
                self.arguments(node)
                return self.step(node, step)
        if isinstance(owner, Object | Instance) and callee == UNKNOWN:
            return self.inherited_call(node, owner, name)
        if callee is None:
            self.arguments(node)
            return None
        results = [self.called(node, option) for option in options(callee)]
        return join_all(results) if results else self.plain(node)

    def queries_model(self, node: ast.Call) -> bool:
        """Whether a mapped class or its columns are queried, on whatever receiver."""
        return any(isinstance(self.known(a), ModelType | Alias) for a in node.args)

    def inherited_call(self, node: ast.Call, owner: Object | Instance, name: str) -> Value:
        """A method that a base from elsewhere defines: it may call any method of the class."""
        cls = self.project.classes.get(owner.key)
        foreign = cls is not None and self.project.external_bases(cls)
        self.arguments(node)
        self.reference(node)
        if not foreign or self.state.attribute(owner.key, name) is not None:
            self.record("unresolved", node, name="()")
            return UNKNOWN
        assert cls is not None
        if not name.startswith("__"):
            own = [m.key for c in self.project.mro(cls) for m in c.methods.values()]
            self.record("external", node, callees=tuple(own), name="inherited")
        return UNKNOWN

    def session_call(self, node: ast.Call, owner: Session, name: str) -> Value:
        self.arguments(node)
        if name == "query":
            return self.step(node, tables.query_call(owner, node, self.typeof))
        if name in ("begin", "begin_nested") and self.entering is node:
            return owner
        return self.step(node, tables.session_step(owner, name, node, self.typeof))

    def db_call(self, node: ast.Call, func: ast.Attribute, owner: Db, name: str) -> Value:
        if name in _DB_HELPERS:
            self.arguments(node)
            return self.step(node, tables.db_step(owner, name, node, self.typeof))
        return self.external_call(node, f"sqlalchemy.{name}")

    def container_call(self, node: ast.Call, func: ast.Attribute, owner: Type, name: str) -> Value:
        item = item_type(owner) if not isinstance(owner, DictOf) else owner.value
        values = self.arguments(node, item)
        match owner, name:
            case ListOf(), "append" | "add" | "insert" | "appendleft":
                self.widen(
                    func.value, ListOf(self.some(join(owner.item, values[-1] if values else None)))
                )
                return NONE
            case ListOf(), "extend" | "update" | "union":
                extra = self.iterated(node.args[0], values[0]) if values else None
                self.widen(func.value, ListOf(self.some(join(owner.item, extra))))
                return owner if name == "union" else NONE
            case ListOf(), "pop" | "popleft":
                return self.taken_out(owner.item)
            case ListOf(), "copy" | "difference" | "intersection":
                return owner
            case DictOf(), "get" | "pop" | "setdefault":
                if name == "setdefault" and len(values) > 1:
                    self.widen(
                        func.value, DictOf(owner.key, self.some(join(owner.value, values[1])))
                    )
                return join_all([self.taken_out(owner.value), *(values[1:2] or [NONE])])
            case DictOf(), "values":
                return ListOf(owner.value)
            case DictOf(), "keys":
                return ListOf(owner.key)
            case DictOf(), "items":
                return ListOf(TupleOf((owner.key, owner.value)))
            case DictOf(), "copy":
                return owner
            case DictOf(), "update":
                for value in values:
                    if isinstance(value, DictOf):
                        self.widen(
                            func.value,
                            DictOf(
                                self.some(join(owner.key, value.key)),
                                self.some(join(owner.value, value.value)),
                            ),
                        )
                return NONE
        return OPAQUE

    def widen(self, target: ast.expr, value: Type) -> None:
        """A container has taken something in; `target` is the expression it was reached by."""
        if isinstance(self.known(target), Unknown):
            self.escape(target, value)
        match target:
            case ast.Name(id=name) if name in self.env:
                self.env[name] = join(self.env[name], value)
            case ast.Name(id=name):
                found = self.project.lookup(self.module, name)
                if isinstance(found, Variable):
                    self.state.flow_variable(found.module, found.name, value)
                else:
                    self.escape(target, value)
            case ast.Attribute(value=owner, attr=name):
                for option in options(self.known(owner)):
                    if isinstance(option, Object | ClassType):
                        self.state.flow_attribute(option.key, name, value)
                    elif isinstance(option, ModuleType):
                        self.state.flow_variable(option.name, name, value)
                    elif option == External("flask.g"):
                        self.state.flow_attribute("flask.g", name, value)
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

    def taken_out(self, value: Value) -> Value:
        """What comes out of a container that nobody was seen to fill is unknown."""
        if value != EMPTY:
            return value
        return UNKNOWN if self.state.open_world else None

    def escape(self, node: ast.expr, value: Value, name: str = "an assignment") -> None:
        """What is stored where we can't follow it is called there without an await."""
        for function in functions_in(value):
            self.record("reference", node, callees=(function.key,), name=name)

    # -- functions and classes -------------------------------------------------------------

    def called(self, node: ast.Call, callee: Type) -> Value:
        match callee:
            case Function():
                return self.function_call(node, callee)
            case ClassType(key) | ModelType(key):
                return self.construct(node, callee, key)
            case Alias():
                return self.plain(node)
            case Session():
                # `scoped_session()` gives the session of this scope.
                self.arguments(node)
                return callee if callee.name else Session(ast.unparse(node))
            case SessionFactory():
                self.arguments(node)
                return Session(ast.unparse(node))
            case External(name):
                return self.external_call(node, name)
            case Object(key):
                cls = self.project.classes.get(key)
                method = self.project.method(cls, "__call__") if cls else None
                if method is not None:
                    return self.function_call(node, Function(method.key, True, callee))
                return self.plain(node)
            case Query():
                return self.plain(node)
            case Unknown():
                self.arguments(node)
                self.reference(node)
                self.record("unresolved", node, name="()")
                return UNKNOWN
        values = self.arguments(node)
        if any(holds_instance(v) or holds_query(v) for v in values):
            self.handed_over(node, values)
        return OPAQUE if not isinstance(callee, Column) else Column()

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
        if init is None or self.project.external_bases(cls):
            # A base from elsewhere may keep what it is given.
            self.reference(node)
        if isinstance(created, Instance):
            return replace(created, fresh=True)
        return created

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

    def function_call(self, node: ast.Call, callee: Function) -> Value:
        info = self.project.functions.get(callee.key)
        if info is None:
            return self.plain(node)
        targets = self.overrides(info, callee)
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
            result = join(result, value)
        self.record("call", node, callees=tuple(t.key for t in targets))
        if any(self.state.does_commit(t.key) for t in targets):
            self.expire()
        return result

    def overrides(self, info: FunctionInfo, callee: Function) -> list[FunctionInfo]:
        """The function and what overrides it below the receiver's class."""
        found = [info]
        if callee.bound and isinstance(callee.receiver, Object | Instance):
            cls = self.project.classes.get(callee.receiver.key)
            if cls is not None:
                for below in self.state.below(cls):
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
        if receiver is not None and positional:
            self.state.flow_param(info.key, positional[0], receiver)
            positional = positional[1:]
        elif info.owner is not None and info.name == "__init__":
            positional = positional[1:]
        values = self.arguments(node)
        given = [*node.args, *(k.value for k in node.keywords)]
        queries = [a for a, v in zip(given, values, strict=True) if holds_query(v)]
        if queries:
            self.facts.passes_query.add(id(node))
            self.facts.query_arguments[id(node)] = queries
        texts = self.texts(node, info, positional, receiver is not None)
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
                self.state.flow_param(info.key, positional[index], values[index])
                filled.add(positional[index])
            elif arguments.vararg is not None:
                value = values[index]
                self.state.flow_param(info.key, arguments.vararg.arg, ListOf(self.some(value)))
        names = set(positional) | {a.arg for a in arguments.kwonlyargs}
        for keyword, value in zip(node.keywords, values[len(node.args) :], strict=False):
            if keyword.arg is None:
                star = True
            elif keyword.arg in names:
                self.state.flow_param(info.key, keyword.arg, value)
                filled.add(keyword.arg)
            elif arguments.kwarg is not None:
                self.state.flow_param(
                    info.key, arguments.kwarg.arg, DictOf(Opaque("str"), self.some(value))
                )
        if star:
            for name in names - filled:
                self.state.flow_param(info.key, name, UNKNOWN)
        return texts

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
        """Functions of the repository that are passed on as values."""
        consumer = dotted(node.func)
        for argument in (*node.args, *(k.value for k in node.keywords)):
            for where, function in handed_functions(argument, self.known):
                self.record("reference", where, callees=(function.key,), name=consumer)
                if where is argument:
                    self.flow_callback(node, function, argument)

    def flow_callback(self, node: ast.Call, callee: Function, argument: ast.expr) -> None:
        """`sorted(xs, key=f)`, `map(f, xs)`: f gets the items."""
        info = self.project.functions.get(callee.key)
        if info is None or not runs_callback(dotted(node.func)):
            return
        sources = [a for a in node.args if a is not argument]
        item = item_type(self.some(self.known(sources[0]))) if sources else UNKNOWN
        names = [a.arg for a in (*info.node.args.posonlyargs, *info.node.args.args)]
        if callee.bound:
            names = names[1:]
        if names:
            self.state.flow_param(info.key, names[0], item)

    # -- other people's code ---------------------------------------------------------------

    def external_call(self, node: ast.Call, name: str) -> Value:
        last = name.rpartition(".")[2]
        if name.startswith("sqlalchemy.") and last in ("select", "update", "delete", "insert"):
            self.arguments(node)
            statement = tables.select_call(name, node, self.typeof)
            if statement is not None:
                return self.step(node, statement)
        made = constructed(self, node, name) or external_call(name, node, self.typeof)
        if made is not None:
            self.arguments(node)
            self.reference(node)
            return made
        if name.startswith("flask.") and last in ("render_template", "render_template_string"):
            self.arguments(node)
            self.reference(node)
            self.record("template", node, io=True)
            self.template_queries(node)
            return Opaque("str")
        values = self.arguments(node)
        self.reference(node)
        if is_column_builder(name):
            return Column(ast.unparse(node))
        if name.startswith("builtins."):
            return self.builtin(node, last, values)
        if name == "functools.partial":
            # It is called where we don't see it, with what we don't see.
            return UNKNOWN
        if name == "flask_login.login_user":
            # Flask-Login reads these of the user.
            reads = [self.user_reads(v) for v in values[:1]]
            self.record("external", node, callees=reads[0] if reads else (), name="login")
            return OPAQUE
        if name in SAFE or last == "__init__":
            # A base's constructor sets what it is given; a new instance loads nothing.
            return OPAQUE
        if name in KEEPS_INSTANCES:
            return values[0] if values else UNKNOWN
        if any(holds_instance(v) or holds_query(v) for v in values):
            self.handed_over(node, values)
            return UNKNOWN
        if any(v is not None and may_load(v) for v in values):
            return UNKNOWN
        return OPAQUE

    def user_reads(self, value: Value) -> tuple[str, ...]:
        """The user's own methods and properties that Flask-Login reads at a login."""
        found: list[str] = []
        for option in options(value):
            cls = self.project.classes.get(option.key) if isinstance(option, Instance) else None
            for name in ("is_active", "get_id", "is_authenticated"):
                method = self.project.method(cls, name) if cls is not None else None
                if method is not None:
                    self.flow_self(method, option)
                    found.append(method.key)
        return tuple(found)

    def template_queries(self, node: ast.Call) -> None:
        """A query that a template only loops over is run first, and its rows go in."""
        template = node.args[0] if node.args else None
        name = template.value if isinstance(template, ast.Constant) else ""
        for keyword in node.keywords:
            value = self.known(keyword.value)
            if not holds_query(value):
                continue
            loops = keyword.arg and self.state.templates.only_loops(str(name), keyword.arg)
            if isinstance(value, Query) and loops:
                self.iterated(keyword.value, value)
                self.record("listed", keyword.value)
            else:
                self.record("external", keyword.value, name="query")
        for argument in node.args[1:]:
            if holds_query(self.known(argument)):
                self.record("external", argument, name="query")

    def handed_over(self, node: ast.Call, values: list[Value]) -> None:
        """Code that we can't see gets an instance: it may load, so it runs in the bridge."""
        name = "query" if any(holds_query(v) for v in values) else "instance"
        self.record("external", node, name=name)

    def builtin(self, node: ast.Call, name: str, values: list[Value]) -> Value:
        """A builtin: those that iterate run a query that is given to them."""
        first = values[0] if values else None
        item: Value = None
        iterates = {
            "list", "set", "tuple", "sorted", "frozenset", "sum", "max", "min", "enumerate",
            "zip", "iter", "reversed", "any", "all", "filter", "map", "dict", "next",
        }  # fmt: skip
        if name in iterates and node.args:
            position = 1 if name in ("map", "filter") and len(node.args) > 1 else 0
            sources = node.args[position:] if name == "zip" else node.args[position : position + 1]
            items = [
                self.iterated(a, self.known(a)) for a in sources if not isinstance(a, ast.Starred)
            ]
            item = items[0] if items else UNKNOWN
            if name == "dict" and holds_query(self.known(sources[0])):
                # dict() takes a Result for a mapping.
                self.record("listed", sources[0])
            if name == "zip":
                return ListOf(TupleOf(tuple(self.some(i) for i in items)))
            if item is None:
                return None
        match name:
            case "list" | "set" | "tuple" | "sorted" | "frozenset" | "iter" | "reversed":
                if not node.args:
                    # An empty container takes its type from what is put in.
                    return ListOf(EMPTY)
                return ListOf(self.some(item))
            case "filter":
                return ListOf(self.some(item))
            case "enumerate":
                return ListOf(TupleOf((OPAQUE, self.some(item))))
            case "max" | "min" | "next":
                rest = [v for v in values[1:] if not isinstance(v, Opaque)]
                return join_all([item, *rest])
            case "map":
                return ListOf(UNKNOWN)
            case "dict":
                if values and isinstance(first, DictOf):
                    return first
                if isinstance(item, TupleOf) and len(item.items) == 2:
                    return DictOf(item.items[0], item.items[1])
                if not node.args:
                    return DictOf(Opaque("str"), self.some(join_all(values) or EMPTY))
                return DictOf(UNKNOWN, UNKNOWN)
            case "str" | "repr" | "format" | "print":
                for value in values:
                    self.shown(node, value)
                return Opaque("str")
            case "super":
                return self.super_()
            case "getattr":
                return self.dynamic_attribute(node, first)
            case "setattr" | "hasattr" | "isinstance" | "len" | "id" | "bool" | "type":
                if name == "hasattr" or (name == "setattr" and holds_instance(first)):
                    self.named_attribute(node, first)
                if name in ("len", "bool"):
                    self.special(node, first, f"__{name}__")
                if name == "len" and holds_query(first):
                    self.record("external", node, name="query")
                return OPAQUE
        if any(holds_query(v) for v in values):
            self.record("external", node, name="query")
        return OPAQUE

    def dynamic_attribute(self, node: ast.Call, owner: Value) -> Value:
        """`getattr(obj, name)`: as plain access where the name is literal."""
        if holds_query(owner):
            self.record("external", node, name="query")
            return UNKNOWN
        if len(node.args) >= 2 and isinstance(node.args[1], ast.Constant):
            name = node.args[1].value
            if isinstance(name, str):
                for option in options(owner):
                    if isinstance(option, Instance):
                        model = self.models.by_key.get(option.key)
                        if model and name in model.relationships and not option.stale:
                            if model.relationships[name].eager or name in option.loaded:
                                continue
                            self.record("external", node, name="instance")
                        elif option.stale or (model and name in model.deferred):
                            self.record("external", node, name="instance")
                return UNKNOWN
        if holds_instance(owner):
            self.record("external", node, name="instance")
        return UNKNOWN

    def named_attribute(self, node: ast.Call, owner: Value) -> None:
        if holds_instance(owner):
            self.record("external", node, name="instance")

    def super_(self) -> Value:
        owner = self.function.owner if self.function is not None else None
        if owner is None:
            return UNKNOWN
        for base in self.project.mro(owner)[1:]:
            return instance_type(self.state, base)
        return OPAQUE


__all__ = ["Calls"]
