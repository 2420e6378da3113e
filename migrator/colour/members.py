"""Attributes: what `x.name` is for each type of x, and whether reading it loads."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.colour.facts import FunctionFacts
from migrator.colour.lattice import (
    Value,
    holds_instance,
    join,
    join_all,
    options,
    stale,
)
from migrator.colour.names import mapped_below, static_type
from migrator.colour.queries import Queries
from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.model import Model
from migrator.index.signature import positional
from migrator.index.written import written
from migrator.queries import tables
from migrator.queries.plain import within
from migrator.queries.types import (
    ALIASED,
    NONE,
    OPAQUE,
    TARGET,
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

#: What Flask-Login's UserMixin gives a model.
_LOGIN_NAMES = frozenset({"is_authenticated", "is_active", "is_anonymous", "get_id"})


#: What Flask-Login's anonymous user has.
ANONYMOUS = frozenset({"is_authenticated", "is_active", "is_anonymous", "get_id"})


#: What a Flask application has by itself, as far as programs use it.
_OF_FLASK = frozenset(
    {
        "add_url_rule", "aborter", "app_context", "blueprints", "cli", "config", "debug",
        "ensure_sync", "env", "extensions", "import_name", "instance_path", "jinja_env",
        "jinja_loader", "json", "logger", "make_response", "name", "open_instance_resource",
        "open_resource", "permanent_session_lifetime", "register_blueprint", "root_path", "route",
        "secret_key", "send_static_file", "session_interface", "static_folder", "static_url_path",
        "template_folder", "test_cli_runner", "test_client", "test_request_context", "testing",
        "url_map", "view_functions", "wsgi_app",
    }
)  # fmt: skip
#: Those of them that hold what others have put in.
_OPEN_OF_FLASK = frozenset({"config", "extensions", "view_functions"})
CURRENT_USER = "flask_login.current_user"
#: The methods by which `flask.g` gives what hangs on it.
OF_G = frozenset({"flask.g.get", "flask.g.pop", "flask.g.setdefault"})
#: Packages whose proxies stand for objects of their own.
_OWN_PROXIES = frozenset({"flask", "celery"})

_PROPERTY = frozenset(
    {"property", "cached_property", "hybrid_property", "functools.cached_property"}
)


def _is_static(value: ast.expr) -> bool:
    """Whether it is `staticmethod(...)`: what it holds is bound to no instance."""
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "staticmethod"


class Members(Queries):
    """Adds attributes to the evaluation."""

    def external_value(self, node: ast.expr, value: External) -> Value:
        """A name of another distribution that stands for something that we know."""
        if value.dotted == CURRENT_USER:
            return self.current_user(node) or value
        package, _, name = value.dotted.rpartition(".")
        if name.startswith("current_") and package not in _OWN_PROXIES:
            # A proxy such as flask_jwt_extended.current_user: what it stands for may be ours.
            return UNKNOWN
        return value

    def current_user(self, node: ast.expr) -> Value:
        """Flask-Login's user, or None where no user loader is seen."""
        loader = self.state.attribute("flask_login", "user")
        self.record("user", node, io=True)
        # Nobody logged in is no instance of the model.
        result = join(loader, Opaque("flask_login.AnonymousUserMixin")) if loader else None
        return stale(result) if self.committed else result

    def attribute(self, node: ast.Attribute) -> Value:
        self.owner = node.value
        owner = self.eval(node.value)
        if owner is None:
            return None
        several = options(owner)
        self.one_of_several = len(several) > 1
        self.mixed = not all(isinstance(o, Instance) for o in several)
        values = self.alternatives(node, several, lambda option: self.member(node, option))
        self.one_of_several = self.mixed = False
        return join_all(values or [UNKNOWN])

    def hanging(self, value: Value) -> Value:
        """What hangs on the request, which whoever calls this may have committed already."""
        if value is None and self.state.is_open:
            return UNKNOWN  # an extension has put it there
        if holds_instance(value):
            self.state.flow_hung(self.state.current)
        return stale(value) if self.committed else value

    def member(self, node: ast.Attribute, owner: Type) -> Value:
        name = node.attr
        match owner:
            case ModuleType():
                module = self.project.modules[owner.name]
                value = static_type(self.state, self.project.lookup(module, name), written(node))
                return self.external_value(node, value) if isinstance(value, External) else value
            case External("flask.g") if f"flask.g.{name}" not in OF_G:
                return self.hanging(self.state.attribute("flask.g", name))
            case External("flask.request") if self.state.read("on_requests", name):
                return self.hanging(self.state.attribute("flask.request", name))
            case External("flask.current_app") | Opaque("flask.Flask") if name in _OPEN_OF_FLASK:
                return DictOf(Opaque("str"), UNKNOWN)
            case External("flask.current_app") | Opaque("flask.Flask") if name not in _OF_FLASK:
                # Set by hand: `app.publisher = Publisher()`. Of these, `app.db = db` and sessions are followed.
                hung = self.state.attribute("flask.Flask", name)
                if isinstance(hung, Session):
                    return hung
                return Db(written(node)) if isinstance(hung, Db) else UNKNOWN
            case External(text):
                return self.external_value(node, External(f"{text}.{name}"))
            case Db(text):
                if name == "session":
                    return Session(f"{text}.session", self.state.read("db_name", "") or f":{text}")
                if name in ("func", "select", "update", "delete", "insert", "aliased"):
                    return External(f"sqlalchemy.{name}")
                return External(f"flask_sqlalchemy.SQLAlchemy().{name}")
            case ModelType():
                return self.model_member(node, owner)
            case Alias():
                found = self.model_member(node, owner)
                if isinstance(found, Column | RelationshipAttribute):
                    return replace(found, key=ALIASED + found.key)
                return found
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
            case Unknown() | Opaque("<empty>"):
                if name in self.models.lazy_names:
                    self.record("unresolved", node, io=True, name=name)
                elif name in self.state.properties:
                    callees = self.state.properties[name]
                    self.record("unresolved", node, callees=callees, name=name)
                return UNKNOWN
            case Session():
                if name in tables.OF_ONE and (taker := self.mapped.get(id(node))):
                    self.step(taker, tables.mapped_step(owner, name))
                    return tables.MAPPED
                return self.step(node, tables.session_member(owner, name))
            case RelationshipAttribute() if name == TARGET:
                return ModelType(owner.target, "")
            case Column() | RelationshipAttribute():
                return Column(written(node))
            case Selectable():
                whole = name in ("c", "columns")
                return owner if whole else Column(written(node), unhashable=True)
            case Opaque("flask_login.AnonymousUserMixin") if name not in ANONYMOUS:
                # It raises AttributeError: no value comes of it.
                return None
            case Opaque():
                return within(owner)
            case ListOf() | DictOf() | TupleOf() | Select() | Result():
                return OPAQUE
        return UNKNOWN

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
                return Column(written(node), owner.key, unhashable=name in model.unhashable)
        cls = self.project.classes.get(owner.key)
        method = self.project.method(cls, name) if cls is not None else None
        if method is not None:
            if self.is_property(method):
                return Column(written(node), owner.key)
            if any(d.endswith("declared_attr") for d in method.decorators()):
                return Column(written(node), owner.key, unhashable=True)
            bound = any(d.endswith("classmethod") for d in method.decorators())
            return Function(method.key, bound, owner if bound else None)
        if cls is not None:
            for owner_class in self.project.mro(cls):
                if name in owner_class.attributes:
                    _, value = owner_class.attributes[name]
                    if value is not None and not isinstance(value, ast.Call):
                        return self.class_value(owner_class, value)
        return Column(written(node), owner.key)

    def class_value(self, cls: ClassInfo, value: ast.expr) -> Value:
        inner = type(self)(self.state, cls.module, None, FunctionFacts(""))
        inner.env |= {name: Function(method.key) for name, method in cls.methods.items()}
        return inner.eval(value)

    def redefined(self, method: FunctionInfo, owner: Type) -> Value:
        """What `f = decorator(f)` in the class makes of a method."""
        assert method.owner is not None
        _, value = method.owner.attributes.get(method.name, (None, None))
        return self.stored(method.owner, value, owner) if value is not None else None

    def stored(self, cls: ClassInfo, value: ast.expr, owner: Type) -> Value:
        """A class-level attribute met on an instance, which a function is bound to."""
        found = self.class_value(cls, value)
        functions = [o for o in options(found) if isinstance(o, Function) and not o.bound]
        if not functions or _is_static(value):
            return found
        rest = [o for o in options(found) if o not in functions]
        return join_all([*(Function(f.key, True, owner) for f in functions), *rest])

    def instance_member(self, node: ast.Attribute, owner: Instance) -> Value:
        own = self.models.by_key.get(owner.key)
        if own is not None:
            return self.mapped_member(node, owner, own)
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
                return self.dynamic_query(node, owner, relationship)
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
            return join(self.method_value(node, method, owner), self.redefined(method, owner))
        for ancestor in self.project.mro(model.info):
            if name in ancestor.attributes:
                _, given = ancestor.attributes[name]
                found = self.stored(ancestor, given, owner) if given is not None else UNKNOWN
                return self.described(node, found)
        # Set by hand (`order.note = ...`), or given by a base outside the repository.
        value = self.state.attribute(model.key, name)
        if value is not None:
            return value
        if name in ("query", "metadata"):
            cls = ModelType(model.key, f"type({written(node.value)})", model.joins)
            return self.model_query(node, cls, on_instance=True)
        if name in _LOGIN_NAMES:
            active = self.project.method(model.info, "is_active")
            if name == "is_authenticated" and active is not None:
                # Flask-Login's UserMixin answers with the model's own `is_active`.
                self.flow_self(active, owner)
                self.record("property", node, callees=(active.key,), name=name)
            return OPAQUE
        below = [
            self.mapped_member(node, replace(owner, key=cls.key), self.models.by_key[cls.key])
            for cls in self.project.subclasses(model.info)
            if cls.key in self.models.by_key and self.has(cls, name)
        ]
        if below:
            # The object is of a class below, as the code must have seen.
            return join_all(below)
        if self.asks_getattr(node, model.info, owner):
            return UNKNOWN
        return None if self.one_of_several and self.is_complete(model.info) else UNKNOWN

    def has(self, cls: ClassInfo, name: str) -> bool:
        """Whether the objects of a mapped class are known to have an attribute."""
        model = self.models.by_key[cls.key]
        mapped = (model.relationships, model.columns, model.deferred, model.proxies, model.others)
        return any(name in names for names in mapped) or bool(self.project.method(cls, name))

    def described(self, node: ast.Attribute, value: Value) -> Value:
        """A class-level attribute: a descriptor's `__get__` makes what it gives."""
        found: list[Value] = []
        for option in options(value):
            cls = self.project.classes.get(option.key) if isinstance(option, Object) else None
            method = self.project.method(cls, "__get__") if cls is not None else None
            if method is None:
                found.append(option)
                continue
            self.flow_self(method, option)
            self.record("property", node, callees=(method.key,), name=node.attr)
            found.append(self.state.result(method.key))
        return join_all(found) if found else value

    def asks_getattr(self, node: ast.Attribute, cls: ClassInfo, owner: Type) -> bool:
        """Whether a class answers by `__getattr__` for the names that it hasn't."""
        method = self.project.method(cls, "__getattr__")
        if method is not None and isinstance(node.ctx, ast.Load):
            self.flow_self(method, owner)
            self.record("property", node, callees=(method.key,), name=node.attr)
        return method is not None

    def is_complete(self, cls: ClassInfo) -> bool:
        """Whether all attributes of a class's instances are known: no base from elsewhere."""
        return all(
            base.endswith((".Model", "DeclarativeBase", "declarative_base", "UserMixin", "object"))
            for base in self.project.external_bases(cls)
        )

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
        names = positional(method.node.args)
        if names and "staticmethod" not in method.decorators():
            self.state.flow_param(method.key, names[0].arg, owner)

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
            # `self.run = other` hides the method of that name.
            found = join(self.method_value(node, method, Object(key)), value)
            return join(found, self.redefined(method, Object(key)))
        if value is not None:
            return self.held(node, value)
        for ancestor in self.project.mro(cls):
            if name in ancestor.attributes:
                _, given = ancestor.attributes[name]
                found = self.described(node, self.overridden(cls, name, ancestor, given))
                if isinstance(node.value, ast.Name):
                    # Which of the models it is, only the attribute says.
                    text = written(node)
                    models = (
                        replace(o, text=text) if isinstance(o, ModelType) else o
                        for o in options(found)
                    )
                    return join_all(models)
                return found
        for other in self.project.subclasses(cls):
            value = join(value, self.state.attribute(other.key, name))
            if (method := other.methods.get(name)) is not None:
                value = join(value, self.method_value(node, method, Object(other.key)))
        if value is not None:
            # The object is of a class below: `isinstance` has said so, or it is abstract here.
            return self.held(node, value)
        if self.asks_getattr(node, cls, Object(key)):
            return UNKNOWN
        # What nothing gives to any object is given by a base from elsewhere, or not at all.
        return None if self.state.read("given", name) and not self.state.is_open else UNKNOWN

    def held(self, node: ast.Attribute, value: Type) -> Value:
        """What an object has as its attribute."""
        if isinstance(value, Session):
            return replace(value, text=written(node), name="")
        return stale(value) if self.committed else value

    def overridden(
        self, cls: ClassInfo, name: str, home: ClassInfo, given: ast.expr | None
    ) -> Value:
        """A class-level attribute of `self`: the value here, or that of a class below."""
        own = self.stored(home, given, Object(cls.key)) if given is not None else UNKNOWN
        below = [
            self.stored(other, value, Object(other.key))
            for other in self.project.subclasses(cls)
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
        given: Value = None  # by assignments to `cls.name`
        for ancestor in self.project.mro(cls):
            given = join(given, self.state.attribute(ancestor.key, node.attr))
        for ancestor in self.project.mro(cls):
            if node.attr in ancestor.attributes:
                if any(base.startswith("enum.") for base in self.project.external_bases(cls)):
                    return Object(key)
                _, value = ancestor.attributes[node.attr]
                own = self.class_value(ancestor, value) if value is not None else UNKNOWN
                return join(own, given)
        return UNKNOWN if given is None else given
