"""Abstract evaluation of expressions: the type of each node, and a fact wherever I/O happens."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from migrator.colour.externals import SCOPED
from migrator.colour.facts import Fact, FunctionFacts, Kind
from migrator.colour.lattice import (
    EMPTY,
    Value,
    holds_query,
    holds_stale,
    join,
    join_all,
    options,
    stale,
)
from migrator.colour.names import instance_type, mapped_below, static_type
from migrator.colour.state import State
from migrator.index.models import Model
from migrator.index.project import ClassInfo, FunctionInfo, Import, Module, Variable
from migrator.queries import tables
from migrator.queries.join import item_type, subscript_type
from migrator.queries.refusals import MIXED, refuse
from migrator.queries.step import Action, Step
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
    TupleOf,
    Type,
    Unknown,
)

BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)

#: Calls that take all of a generator at once: it may become a list without a difference.
CONSUMERS = frozenset(
    {"sum", "list", "set", "frozenset", "tuple", "sorted", "min", "max", "dict", "join", "Counter"}
)
#: Effects after which instances at hand may hold expired attributes.
EXPIRING = frozenset({"commit", "rollback", "expire", "bulk"})
#: What Flask-Login's UserMixin gives a model.
_LOGIN_NAMES = frozenset({"is_authenticated", "is_active", "is_anonymous", "get_id"})
#: What Flask-Login's anonymous user has.
ANONYMOUS = frozenset({"is_authenticated", "is_active", "is_anonymous", "get_id"})
_COMPARING = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_PROPERTY = frozenset(
    {"property", "cached_property", "hybrid_property", "functools.cached_property"}
)


@dataclass(frozen=True, slots=True)
class Blocker:
    """A construct around the current node in which no `await` can stand.

    `consumer` is the expression that runs it to its end, which the bridge can take whole.
    """

    node: ast.expr
    consumer: ast.expr | None
    convertible: bool = False


class Expressions:
    """Evaluates expressions of one function (or module body) in an environment."""

    def __init__(
        self, state: State, module: Module, function: FunctionInfo | None, facts: FunctionFacts
    ) -> None:
        self.state = state
        self.project = state.project
        self.models = state.models
        self.module = module
        self.function = function
        self.facts = facts
        self.env: dict[str, Value] = {}
        self.committed = False
        self.blockers: list[Blocker] = []
        #: The last type found for each node, so that nothing is evaluated twice.
        self.types: dict[int, Value] = {}
        #: The receiver may be of several types: one that lacks the attribute is not meant here.
        self.one_of_several = False
        #: Some of those types are no mapped classes: their instances have no `awaitable_attrs`.
        self.mixed = False
        #: The callee under evaluation: using it so does not let it escape.
        self.callee: ast.expr | None = None
        #: The assignment under execution, when it has one target.
        self.assigning: ast.Assign | None = None
        #: The statement under evaluation awaits its context managers itself.
        self.entering: ast.expr | None = None
        #: The iterable of the `for` statement under evaluation, which may become `async for`.
        self.streaming: ast.expr | None = None
        #: Steps recorded while the alternatives of one receiver are tried; None outside of that.
        self.steps: list[tuple[ast.AST, Step]] | None = None
        #: The names that this function declares global.
        self.globals: set[str] = set()

    # -- recording -------------------------------------------------------------------------

    def record(
        self,
        kind: Kind,
        node: ast.AST,
        *,
        step: Step | None = None,
        action: Action | None = None,
        io: bool = False,
        site: bool = False,
        callees: tuple[str, ...] = (),
        name: str = "",
        model: str = "",
    ) -> None:
        blocker: ast.expr | None = None
        generators: list[ast.GeneratorExp] = []
        for outer in self.blockers:
            if outer.convertible and isinstance(outer.node, ast.GeneratorExp):
                generators.append(outer.node)
            else:
                blocker = outer.consumer or outer.node
                break
        if step is not None:
            if self.steps is not None:
                self.steps.append((node, step))
            action, io, site = step.action, step.io, step.site
            if step.effect in EXPIRING:
                self.expire()
        self.facts.add(
            Fact(
                kind,
                node,
                blocker,
                tuple(generators),
                action,
                io,
                site,
                step.refusal if step is not None else None,
                callees,
                name,
                model,
                self.mixed,
            )
        )

    def expire(self) -> None:
        """A commit or rollback: every instance at hand may be expired from here on."""
        self.committed = True
        self.facts.commits = True
        for name, value in self.env.items():
            self.env[name] = stale(value)

    @contextmanager
    def blocked(
        self, node: ast.expr, consumer: ast.expr | None, *, convertible: bool = False
    ) -> Iterator[None]:
        self.blockers.append(Blocker(node, consumer, convertible))
        try:
            yield
        finally:
            self.blockers.pop()

    # -- evaluation ------------------------------------------------------------------------

    def typeof(self, node: ast.expr) -> Type:
        """The type of an expression for the tables: bottom counts as unknown."""
        value = self.known(node)
        return UNKNOWN if value is None else value

    def eval(self, node: ast.expr) -> Value:
        """The type of `node`; records what evaluating it does."""
        value = self.types[id(node)] = self._eval(node)
        if isinstance(value, Function) and node is not self.callee:
            # From here on it may be called where we don't see it.
            self.state.taken.add(value.key)
        return value

    def known(self, node: ast.expr) -> Value:
        """The type of a node that has been evaluated just before."""
        return self.types[id(node)] if id(node) in self.types else self.eval(node)

    def _eval(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return NONE if node.value is None else Opaque(type(node.value).__name__)
            case ast.Name():
                return self.name(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Call():
                return self.call(node)
            case ast.Await():
                return self.eval(node.value)
            case ast.BoolOp():
                return self.chosen(node)
            case ast.IfExp():
                self.tested(node.test)
                return self.either(node, [self.eval(node.body), self.eval(node.orelse)])
            case ast.NamedExpr():
                value = self.eval(node.value)
                self.assign(node.target, value)
                return value
            case ast.BinOp():
                return self.binary(node)
            case ast.UnaryOp():
                value = self.tested(node.operand)
                return Column() if isinstance(value, Column) else OPAQUE
            case ast.Compare():
                return self.compare(node)
            case ast.List() | ast.Set():
                items = join_all([self.element(e) for e in node.elts])
                return ListOf(self.some(items) if node.elts else EMPTY)
            case ast.Tuple():
                if any(isinstance(e, ast.Starred) for e in node.elts):
                    return ListOf(self.some(join_all([self.element(e) for e in node.elts])))
                return TupleOf(tuple(self.some(self.element(e)) for e in node.elts))
            case ast.Dict():
                keys = join_all([self.eval(k) for k in node.keys if k is not None])
                values = join_all([self.element(v) for v in node.values])
                if not node.values:
                    return DictOf(EMPTY, EMPTY)
                return DictOf(self.some(keys), self.some(values))
            case ast.ListComp() | ast.SetComp():
                return self.comprehension(node, node.elt)
            case ast.GeneratorExp():
                with self.blocked(node, None):
                    return self.comprehension(node, node.elt)
            case ast.DictComp():
                return self.comprehension(node, node.value, node.key)
            case ast.Lambda():
                return self.lambda_(node, [], node)
            case ast.Subscript():
                return self.subscript(node)
            case ast.JoinedStr():
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        self.shown(node, self.eval(part.value))
                        if part.format_spec is not None:
                            self.eval(part.format_spec)
                return Opaque("str")
            case ast.Starred():
                value = self.eval(node.value)
                return self.iterated(node.value, value)
            case ast.Yield() | ast.YieldFrom():
                self.facts.is_generator = True
                value = self.eval(node.value) if node.value is not None else NONE
                if isinstance(node, ast.YieldFrom) and node.value is not None:
                    value = self.iterated(node.value, value)
                if self.function is not None:
                    self.state.flow_result(self.function.key, ListOf(self.some(value)))
                return UNKNOWN
            case ast.Slice():
                for bound in (node.lower, node.upper, node.step):
                    if bound is not None:
                        self.eval(bound)
                return OPAQUE
        return UNKNOWN

    def tested(self, node: ast.expr) -> Value:
        """The type of an expression whose truth is taken."""
        if isinstance(node, ast.BoolOp):
            return join_all([self.tested(v) for v in node.values])
        value = self.eval(node)
        found = options(value)
        self.special(node, value, "__bool__", "__len__", name="truth of an object")
        if any(isinstance(o, Query) for o in found):
            step = tables.query_truth(all(isinstance(o, Query) for o in found))
            self.record("step", node, step=step, name="truth")
        return value

    def chosen(self, node: ast.BoolOp) -> Value:
        """`a or b` for its value: a query on the left would be asked for its truth."""
        values = [self.eval(v) for v in node.values]
        left = [o for v in values[:-1] for o in options(v)]
        if any(isinstance(o, Query) for o in left):
            plain = isinstance(node.op, ast.Or) and isinstance(node.values[0], ast.Name)
            known = len(values) == 2 and all(isinstance(o, Query) for o in left)
            step = tables.query_choice(plain and known)
            self.record("step", node, step=step, name="truth")
        return self.either(node, values)

    def either(self, node: ast.expr, values: list[Value]) -> Value:
        """The join of an expression's alternatives; a query that is lost in it is noted."""
        result = join_all(values)
        if isinstance(result, Unknown) and any(holds_query(v) for v in values):
            self.record("external", node, name="query")
        return result

    @staticmethod
    def some(value: Value) -> Type:
        return UNKNOWN if value is None else value

    def element(self, node: ast.expr) -> Value:
        """An item of a display: a stale instance that is stored leaves our sight."""
        value = self.eval(node)
        return self.given(node, value)

    def given(self, node: ast.expr, value: Value) -> Value:
        """A value handed on: an instance that a commit may have expired is reloaded first."""
        if holds_stale(value) and isinstance(node, ast.Name | ast.Attribute):
            self.record("stale", node, io=True)
            return value
        return value

    def special(self, node: ast.AST, value: Value, *methods: str, name: str = "special") -> bool:
        """Python calls a special method of the repository's own classes here, if they have it."""
        known = False
        for option in options(value):
            if isinstance(option, Instance | Object):
                cls = self.project.classes.get(option.key)
                for method in methods:
                    found = self.project.method(cls, method) if cls is not None else None
                    if found is not None:
                        known = True
                        self.flow_self(found, option)
                        self.record("external", node, callees=(found.key,), name=name)
        return known

    def shown(self, node: ast.expr, value: Value) -> None:
        """str() or formatting of a value runs its `__str__` or `__repr__`."""
        for option in options(value):
            if isinstance(option, Instance | Object):
                cls = self.project.classes.get(option.key)
                found = cls and (
                    self.project.method(cls, "__str__") or self.project.method(cls, "__repr__")
                )
                if found:
                    self.flow_self(found, option)
                    self.record("external", node, callees=(found.key,), name="shown")
        if holds_query(value):
            self.record("external", node, name="query")

    def at_hand(self, query: Query) -> Query:
        """A query with its session as this module spells it; asks for the import it needs."""
        session = query.session
        if session is None or not session.name or session.name != self.state.db_name:
            return query
        return replace(query, session=self.application_session())

    # -- names -----------------------------------------------------------------------------

    def name(self, node: ast.Name) -> Value:
        if node.id in self.env:
            value = self.env[node.id]
            if isinstance(value, Session) and not value.name:
                value = Session(node.id)
            if isinstance(value, Session):
                self.facts.sessions[id(node)] = node
            return value
        function = self.function
        if function is not None:
            if node.id in function.locals:
                return Function(function.locals[node.id].key)
            outer = function.parent
            while outer is not None:
                if node.id in outer.locals:
                    return Function(outer.locals[node.id].key)
                self.state.read("environment", outer.key)
                facts = self.state.facts.get(outer.key)
                if facts is not None and node.id in facts.environment:
                    value = facts.environment[node.id]
                    if holds_query(value):
                        self.facts.closure_queries = True
                    if isinstance(value, Session):
                        self.facts.sessions[id(node)] = node
                    return value
                outer = outer.parent
        found = self.project.lookup(self.module, node.id)
        if found is None:
            return External(f"builtins.{node.id}") if node.id in BUILTINS else UNKNOWN
        value = static_type(self.state, found, node.id)
        if isinstance(value, Session):
            self.facts.sessions[id(node)] = node
            if value.name == SCOPED:
                self.facts.scoped[id(node)] = node.id
        if isinstance(value, External):
            return self.external_value(node, value)
        return value

    def external_value(self, node: ast.expr, value: External) -> Value:
        """A name of another distribution that stands for something that we know."""
        if value.dotted == "flask_login.current_user":
            loader = self.state.attribute("flask_login", "user")
            self.record("user", node, io=True)
            # Nobody logged in is no instance of the model.
            result = join(loader, Opaque("flask_login.AnonymousUserMixin")) if loader else value
            return stale(result) if self.committed else result
        return value

    # -- attributes ------------------------------------------------------------------------

    def attribute(self, node: ast.Attribute) -> Value:
        owner = self.eval(node.value)
        if owner is None:
            return None
        several = options(owner)
        self.one_of_several = len(several) > 1
        self.mixed = not all(isinstance(o, Instance) for o in several)
        values = self.alternatives(node, several, lambda option: self.member(node, option))
        self.one_of_several = self.mixed = False
        return join_all(values or [UNKNOWN])

    def alternatives(
        self, node: ast.expr, found: list[Type], visit: Callable[[Type], Value], name: str = ""
    ) -> list[Value]:
        """`visit` for each type that a receiver may have: they must ask for the same rewriting."""
        if len(found) < 2:
            return [visit(option) for option in found]
        outer, self.steps = self.steps, []
        values = [visit(option) for option in found]
        steps = [step for place, step in self.steps if place is node]
        self.steps = outer
        refusal = next((s.refusal for s in steps if s.refusal is not None), None)
        differ = len({repr(s.action) for s in steps}) > 1 or len(steps) < len(found)
        if refusal is None and differ and any(s.action is not None for s in steps):
            refusal = refuse(MIXED, ast.unparse(node))
        if refusal is not None:
            together = Step(
                io=any(s.io for s in steps), site=any(s.site for s in steps), refusal=refusal
            )
            self.record("step", node, step=together, name=name)
        return values

    def member(self, node: ast.Attribute, owner: Type) -> Value:
        name = node.attr
        match owner:
            case ModuleType():
                module = self.project.modules[owner.name]
                value = static_type(
                    self.state, self.project.lookup(module, name), ast.unparse(node)
                )
                if isinstance(value, Session):
                    self.facts.sessions[id(node)] = node
                return self.external_value(node, value) if isinstance(value, External) else value
            case External("flask.g"):
                value = self.state.attribute("flask.g", name)
                return stale(value) if self.committed else value
            case External(text):
                return self.external_value(node, External(f"{text}.{name}"))
            case Db(text):
                if name == "session":
                    self.facts.sessions[id(node)] = node
                    return Session(f"{text}.session", self.state.db_name or f":{text}")
                if name in ("func", "select", "update", "delete", "insert", "aliased"):
                    return External(f"sqlalchemy.{name}")
                return External(f"flask_sqlalchemy.SQLAlchemy().{name}")
            case ModelType() | Alias():
                return self.model_member(node, owner)
            case Instance():
                return self.instance_member(node, owner)
            case Object(key):
                return self.object_member(node, key)
            case ClassType(key):
                return self.class_member(node, key)
            case Query():
                return self.query_member(node, owner)
            case Pagination():
                return self.step(node, tables.pagination_attribute(owner, name))
            case Row():
                return self.step(node, tables.row_attribute(owner, name))
            case Selectable():
                return Column(ast.unparse(node)) if name != "c" else owner
            case Unknown() | Opaque("<empty>"):
                if name in self.models.lazy_names:
                    self.record("unresolved", node, io=True, name=name)
                elif name in self.state.properties:
                    callees = self.state.properties[name]
                    self.record("unresolved", node, callees=callees, name=name)
                return UNKNOWN
            case Session():
                return UNKNOWN if name in ("bind", "info", "registry") else OPAQUE
            case Column() | RelationshipAttribute():
                return Column(ast.unparse(node))
            case Selectable():
                whole = name in ("c", "columns")
                return owner if whole else Column(ast.unparse(node), unhashable=True)
            case Opaque("flask_login.AnonymousUserMixin") if name not in ANONYMOUS:
                # It raises AttributeError: no value comes of it.
                return None
            case Opaque() | ListOf() | DictOf() | TupleOf() | Select() | Result():
                return OPAQUE
        return UNKNOWN

    def query_member(self, node: ast.Attribute, owner: Query) -> Value:
        step = tables.query_member(self.at_hand(owner), node.attr)
        return self.step(node, step)

    def step(self, node: ast.AST, step: Step) -> Value:
        """Record what a table said of a node and give the type of its value."""
        if step.action or step.io or step.refusal or step.site:
            self.record("step", node, step=step)
        elif step.effect in EXPIRING:
            self.expire()
        return step.result

    def model_member(self, node: ast.Attribute, owner: ModelType | Alias) -> Value:
        name = node.attr
        model = self.models.by_key.get(owner.key)
        if isinstance(owner, ModelType) and name == "query":
            return self.model_query(node, owner)
        if model is not None:
            relationship = model.relationships.get(name)
            if relationship is not None:
                return RelationshipAttribute(
                    owner.key,
                    name,
                    relationship.target,
                    relationship.uselist,
                    relationship.lazy,
                )
            if name in model.columns or name in model.others or name in model.deferred:
                return Column(ast.unparse(node), owner.key, unhashable=name in model.unhashable)
        cls = self.project.classes.get(owner.key)
        method = self.project.method(cls, name) if cls is not None else None
        if method is not None:
            if self.is_property(method):
                return Column(ast.unparse(node), owner.key)
            bound = any(d.endswith("classmethod") for d in method.decorators())
            return Function(method.key, bound, owner if bound else None)
        if cls is not None:
            for owner_class in self.project.mro(cls):
                if name in owner_class.attributes:
                    _, value = owner_class.attributes[name]
                    if value is not None and not isinstance(value, ast.Call):
                        return self.class_value(owner_class, value)
        return Column(ast.unparse(node), owner.key)

    def class_value(self, cls: ClassInfo, value: ast.expr) -> Value:
        inner = type(self)(self.state, cls.module, None, FunctionFacts(""))
        return inner.eval(value)

    def model_query(self, node: ast.Attribute, owner: ModelType) -> Value:
        """`Model.query`: on the extension's session, or on that of a `query_property()`."""
        cls = self.project.classes.get(owner.key)
        session: Session | None = None
        custom = False
        for ancestor in self.project.mro(cls) if cls is not None else []:
            if "query_class" in ancestor.attributes:
                custom = True
            _, value = ancestor.attributes.get("query", (None, None))
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
                inner = type(self)(self.state, ancestor.module, None, FunctionFacts(""))
                found = inner.eval(value.func.value)
                if isinstance(found, Session):
                    session = found
        if session is None:
            session = self.application_session()
        step = tables.query_attribute(owner)
        result = step.result
        if isinstance(result, Query):
            result = replace(result, session=session)
        refusal = step.refusal
        if custom or self.state.custom_query:
            refusal = refusal or self.state.custom_query
        self.record("step", node, step=replace(step, refusal=refusal), name="root")
        return result

    def instance_member(self, node: ast.Attribute, owner: Instance) -> Value:
        keys = [owner.key] if owner.key in self.models.by_key else None
        if keys is None:
            cls = self.project.classes.get(owner.key)
            keys = mapped_below(self.state, cls) if cls is not None else []
        found: list[Value] = []
        for key in keys:
            found.append(self.mapped_member(node, replace(owner, key=key), self.models.by_key[key]))
        if found:
            return join_all(found)
        return UNKNOWN

    def mapped_member(self, node: ast.Attribute, owner: Instance, model: Model) -> Value:
        name = node.attr
        relationship = model.relationships.get(name)
        if relationship is not None:
            prefix = f"{name}."
            nested = frozenset(p.removeprefix(prefix) for p in owner.loaded if p.startswith(prefix))
            target: Type = Instance(relationship.target, nested) if relationship.target else UNKNOWN
            if relationship.lazy == "dynamic":
                step = tables.dynamic_attribute(
                    owner, relationship.name, relationship.target, self.session_of(owner)
                )
                self.record("step", node, step=step, name="root")
                return step.result
            if relationship.lazy == "write_only":
                return UNKNOWN
            known = (relationship.eager and not owner.partial) or name in owner.loaded
            if isinstance(node.ctx, ast.Load) and (owner.stale or not (known or owner.fresh)):
                self.record("lazy", node, io=True, name=name, model=model.key)
            return ListOf(target) if relationship.uselist else join(target, NONE)
        if name in model.deferred or name in model.proxies:
            if isinstance(node.ctx, ast.Load) and not owner.fresh:
                self.record("lazy", node, io=True, name=name, model=model.key)
            return UNKNOWN if name in model.proxies else OPAQUE
        if name in model.columns or name in model.others:
            if (owner.stale or owner.partial) and isinstance(node.ctx, ast.Load):
                self.record("lazy", node, io=True, name=name, model=model.key)
            return OPAQUE
        method = self.project.method(model.info, name)
        if method is not None:
            return self.method_value(node, method, owner)
        for ancestor in self.project.mro(model.info):
            if name in ancestor.attributes:
                _, given = ancestor.attributes[name]
                return self.class_value(ancestor, given) if given is not None else UNKNOWN
        # Set by hand (`order.note = ...`), or given by a base outside the repository.
        value = self.state.attribute(model.key, name)
        if value is not None:
            return value
        if name in ("query", "metadata"):
            return self.model_query(
                node, ModelType(model.key, f"type({ast.unparse(node.value)})", model.joins)
            )
        if name in _LOGIN_NAMES:
            active = self.project.method(model.info, "is_active")
            if name == "is_authenticated" and active is not None:
                # Flask-Login's UserMixin answers with the model's own `is_active`.
                self.flow_self(active, owner)
                self.record("property", node, callees=(active.key,), name=name)
            return OPAQUE
        return None if self.one_of_several and self.is_complete(model.info) else UNKNOWN

    def is_complete(self, cls: ClassInfo) -> bool:
        """Whether all attributes of a class's instances are known: no base from elsewhere."""
        return all(
            base.endswith((".Model", "DeclarativeBase", "declarative_base", "UserMixin", "object"))
            for base in self.project.external_bases(cls)
        )

    def session_of(self, owner: Instance) -> Session | None:
        """The session that a dynamic relationship's query runs on: the application's own."""
        return self.application_session() or self.local_session()

    def application_session(self) -> Session | None:
        """`db.session` as this module spells it; asks for the import where it has none."""
        home, _, text = self.state.db_name.partition(":")
        if not home:
            return None
        root, _, rest = text.partition(".")
        names = [
            name
            for name in (root, *self.module.bindings)
            if getattr(self.project.lookup(self.module, name), "name", "") == root
            and isinstance(self.module.bindings.get(name), Import | Variable)
            and name not in self.env
        ]
        if names:
            return Session(f"{names[0]}.{rest}", self.state.db_name)
        if root in self.module.bindings or root in self.env:
            return None
        self.facts.imports.add((home, root))
        return Session(text, self.state.db_name)

    def local_session(self) -> Session | None:
        """The one session at hand in this function, if there is just one."""
        found = {v.text: v for v in self.env.values() if isinstance(v, Session)}
        if len(found) == 1:
            return next(iter(found.values()))
        return None

    def is_property(self, method: FunctionInfo) -> bool:
        return any(
            d in _PROPERTY or d.endswith(("cached_property", "hybrid_property", ".expression"))
            for d in method.decorators()
        )

    def method_value(self, node: ast.Attribute, method: FunctionInfo, owner: Type) -> Value:
        decorators = method.decorators()
        if self.is_property(method) or any(d.endswith((".setter", ".getter")) for d in decorators):
            self.flow_self(method, owner)
            if isinstance(node.ctx, ast.Load):
                self.record("property", node, callees=(method.key,), name=node.attr)
            return self.state.result(method.key)
        if "staticmethod" in decorators:
            return Function(method.key)
        return Function(method.key, True, owner)

    def flow_self(self, method: FunctionInfo, owner: Type) -> None:
        arguments = method.node.args.posonlyargs + method.node.args.args
        if arguments and "staticmethod" not in method.decorators():
            self.state.flow_param(method.key, arguments[0].arg, owner)

    def object_member(self, node: ast.Attribute, key: str) -> Value:
        cls = self.project.classes.get(key)
        if cls is None:
            return UNKNOWN
        name = node.attr
        value: Value = None
        for ancestor in self.project.mro(cls):
            value = join(value, self.state.attribute(ancestor.key, name))
        method = self.project.method(cls, name)
        if method is not None:
            return self.method_value(node, method, Object(key))
        if value is not None:
            if isinstance(value, Session):
                text = ast.unparse(node)
                self.facts.sessions[id(node)] = node
                return Session(text)
            return stale(value) if self.committed else value
        for ancestor in self.project.mro(cls):
            if name in ancestor.attributes:
                _, given = ancestor.attributes[name]
                found = self.overridden(cls, name, ancestor, given)
                if isinstance(node.value, ast.Name):
                    # Which of the models it is, only the attribute says.
                    text = ast.unparse(node)
                    models = (
                        replace(o, text=text) if isinstance(o, ModelType) else o
                        for o in options(found)
                    )
                    return join_all(models)
                return found
        if not self.state.open_world:
            return None
        return UNKNOWN

    def overridden(
        self, cls: ClassInfo, name: str, home: ClassInfo, given: ast.expr | None
    ) -> Value:
        """A class-level attribute of `self`: the value here, or that of a class below."""
        own = self.class_value(home, given) if given is not None else UNKNOWN
        below = [
            self.class_value(other, value)
            for other in self.state.below(cls)
            if (value := other.attributes.get(name, (None, None))[1]) is not None
        ]
        if below and isinstance(given, ast.Constant) and given.value is None:
            return join_all(below)  # `model = None` only says that the classes below have one.
        return join_all([own, *below])

    def class_member(self, node: ast.Attribute, key: str) -> Value:
        cls = self.project.classes.get(key)
        if cls is None:
            return UNKNOWN
        method = self.project.method(cls, node.attr)
        if method is not None:
            bound = any(d.endswith("classmethod") for d in method.decorators())
            return Function(method.key, bound, ClassType(key) if bound else None)
        for ancestor in self.project.mro(cls):
            if node.attr in ancestor.attributes:
                _, value = ancestor.attributes[node.attr]
                return self.class_value(ancestor, value) if value is not None else UNKNOWN
        return UNKNOWN

    # -- operators and displays ------------------------------------------------------------

    def binary(self, node: ast.BinOp) -> Value:
        left, right = self.eval(node.left), self.eval(node.right)
        if isinstance(left, ListOf) or isinstance(right, ListOf):
            return join(left, right) if isinstance(node.op, ast.Add | ast.BitOr) else left
        if isinstance(node.op, ast.Mod) and isinstance(left, Opaque):
            parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            for part in parts:
                self.shown(node, self.eval(part))
            return OPAQUE
        if isinstance(left, Column) or isinstance(right, Column):
            return Column(ast.unparse(node))
        if left is None or right is None:
            return None
        return OPAQUE

    def compare(self, node: ast.Compare) -> Value:
        values = [self.eval(e) for e in (node.left, *node.comparators)]
        for operator, operand, value in zip(node.ops, node.comparators, values[1:], strict=True):
            contains = isinstance(operator, ast.In | ast.NotIn)
            if contains and not self.special(node, value, "__contains__"):
                self.iterated(operand, value)
        for value in values:
            self.special(node, value, *_COMPARING)
        if any(isinstance(v, Column | RelationshipAttribute | ModelType) for v in values):
            return Column(ast.unparse(node))
        return Opaque("bool")

    def iterated(self, node: ast.expr, value: Value) -> Value:
        """The item type of what is looped over; a query runs here."""
        if value is None:
            return None
        found = options(value)
        items = self.alternatives(node, found, lambda o: self.items(node, o), "iterate")
        return join_all(items) if items else UNKNOWN

    def items(self, node: ast.expr, option: Type) -> Value:
        if isinstance(option, Query):
            step = tables.query_iteration(self.at_hand(option), streams=self.streaming is node)
            return item_type(self.some(self.step_on(node, step)))
        if not isinstance(option, Object):
            return item_type(option)
        cls = self.project.classes.get(option.key)
        method = self.project.method(cls, "__iter__") if cls else None
        if method is None:
            return UNKNOWN
        self.flow_self(method, option)
        self.record("external", node, callees=(method.key,), name="iter")
        return item_type(self.some(self.state.result(method.key)))

    def step_on(self, node: ast.expr, step: Step) -> Value:
        """A step that wraps the node's own value: recorded apart from what the node itself did."""
        self.record("step", node, step=step, name="iterate")
        return step.result

    def comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        element: ast.expr,
        key: ast.expr | None = None,
    ) -> Value:
        saved = dict(self.env)
        own = self.blockers.pop() if isinstance(node, ast.GeneratorExp) else None
        for index, generator in enumerate(node.generators):
            # The first iterable is evaluated outside, where an await may stand.
            if index == 1 and own is not None:
                self.blockers.append(own)
            value = self.iterated(generator.iter, self.eval(generator.iter))
            self.assign(generator.target, value)
            if index == 0 and own is not None:
                self.blockers.append(own)
            for test in generator.ifs:
                self.eval(test)
            if index == 0 and own is not None and len(node.generators) > 1:
                self.blockers.pop()
        if own is not None and own not in self.blockers:
            self.blockers.append(own)
        key_value = self.eval(key) if key is not None else None
        result = self.element(element)
        self.env = saved
        if key is not None:
            return DictOf(self.some(key_value), self.some(result))
        return ListOf(self.some(result))

    def lambda_(self, node: ast.Lambda, arguments: list[Value], consumer: ast.expr | None) -> Value:
        """Evaluate a lambda's body with its parameters bound; gives its result's type."""
        saved = dict(self.env)
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
        for index, name in enumerate(names):
            self.env[name] = arguments[index] if index < len(arguments) else UNKNOWN
        for extra in (node.args.vararg, node.args.kwarg, *node.args.kwonlyargs):
            if extra is not None:
                self.env[extra.arg] = UNKNOWN
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                # Evaluated where the lambda is made: `lambda x=x: x.total` binds a loop's variable.
                self.eval(default)
        with self.blocked(node, None if consumer is node else consumer):
            result = self.eval(node.body)
        self.env = saved
        return result

    def subscript(self, node: ast.Subscript) -> Value:
        value = self.eval(node.value)
        if isinstance(node.ctx, ast.Load):
            self.special(node, value, "__getitem__")

        def item(option: Type) -> Value:
            if isinstance(option, Query):
                return self.step(
                    node, tables.query_subscript(self.at_hand(option), node, self.typeof)
                )
            return subscript_type(option, node.slice)

        found = self.alternatives(node, options(value), item)
        self.eval(node.slice)
        if value is None:
            return None
        return join_all(found) if found else UNKNOWN

    # -- implemented by the layers above ---------------------------------------------------

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def assign(self, target: ast.expr, value: Value) -> None:
        raise NotImplementedError

    def taken_out(self, value: Value) -> Value:
        raise NotImplementedError


__all__ = ["CONSUMERS", "Blocker", "Expressions", "instance_type"]
