"""Attributes of mapped classes and of their objects, and whether reading one loads."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.index.declared import DECLARATIVE
from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.model import Model, Relationship
from migrator.index.signature import positional
from migrator.index.written import written
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    Alias,
    ClassType,
    Column,
    DictOf,
    Function,
    Instance,
    ListOf,
    ModelType,
    Object,
    RelationshipAttribute,
    Type,
    Unknown,
)
from migrator.types.bases import is_described
from migrator.types.crossing import made_by_itself, read_from
from migrator.types.facts import FunctionFacts
from migrator.types.lattice import (
    Value,
    hidden,
    holds_query,
    join,
    join_all,
    options,
)
from migrator.types.names import is_query_class, mapped_below
from migrator.types.own_queries import below_differ, gets_query, is_given_query, says_query
from migrator.types.queries import Queries

#: What Flask-Login's UserMixin gives a model, and its anonymous user has.
LOGIN_NAMES = frozenset({"is_authenticated", "is_active", "is_anonymous", "get_id"})
#: The attributes that the objects of a class are given by names that only the run knows.
ANY_NAME = "*"
_PROPERTY = frozenset(
    {"property", "cached_property", "hybrid_property", "functools.cached_property"}
)


def _is_static(value: ast.expr) -> bool:
    """Whether it is `staticmethod(...)`: what it holds is bound to no instance."""
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "staticmethod"


def is_loaded(owner: Instance, relationship: Relationship, name: str) -> bool:
    """Whether what has loaded an instance has loaded that relationship of it, by options or as it is mapped."""
    by_mapping = relationship.eager and not (owner.partial or owner.made)
    return by_mapping or name in owner.loaded


def to_be_computed(owner: Instance, model: Model, name: str) -> bool:
    """Whether an object that code has made or changed has been flushed, perhaps: the database knows more of it."""
    return (owner.made or owner.changed) and not owner.fresh and name in model.computed


def _held(relationship: Relationship, one: Value) -> Value:
    """What a relationship's attribute gives, of such objects."""
    if not relationship.uselist:
        return join(one, NONE)
    match relationship.collection:
        case "list":
            return ListOf(one or UNKNOWN)
        case "dict":
            return DictOf(OPAQUE, one or UNKNOWN)
        case _:
            return UNKNOWN


class MappedMembers(Queries):
    """Adds the attributes of mapped classes and objects."""

    def model_member(self, node: ast.Attribute, owner: ModelType | Alias) -> Value:
        name = node.attr
        model = self.models.by_key.get(owner.key)
        cls = self.project.classes.get(owner.key)
        if name == "query":
            named = self.project.resolve(self.module, node.value) is cls
            if cls is not None and (
                gets_query(self.state, cls) or (not named and below_differ(self.state, cls))
            ):
                return UNKNOWN
            if cls is None or not says_query(self.project, cls):
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
                    relationship.secondary,
                )
            if name in model.columns or name in model.others or name in model.deferred:
                return Column(written(node), owner.key, unhashable=name in model.unhashable)
        method = self.project.method(cls, name) if cls is not None else None
        if cls is not None and method is not None:
            if self.is_property(method):
                joining = model is not None and name in model.joining
                return Column(written(node), "?" if joining else owner.key)
            if any(d.endswith("declared_attr") for d in method.decorators()):
                return Column(written(node), owner.key, unhashable=True, unseen=True)
            bound = any(d.endswith("classmethod") for d in method.decorators())
            found = Function(method.key, bound, owner if bound else None)
            return hidden(found, self.assigned_to(cls, name))
        if cls is not None:
            for owner_class in self.project.mro(cls):
                if name in owner_class.attributes:
                    _, value = owner_class.attributes[name]
                    given = self.class_value(owner_class, value) if value is not None else None
                    if any(isinstance(o, Object) for o in options(given)):
                        return self.described(node, given)
                    if given is not None and not isinstance(value, ast.Call):
                        return given
            put = self.assigned_to(cls, name)
            if any(isinstance(o, Object) for o in options(put)):
                return put
        return Column(written(node), owner.key, unseen=True)

    def class_value(self, cls: ClassInfo, value: ast.expr) -> Value:
        """What an attribute of a class has by the class's body; UNKNOWN for what names itself in it."""
        if id(value) in self.within:
            return UNKNOWN
        inner = type(self)(self.state, cls.module, None, FunctionFacts(""))
        inner.env |= {name: Function(method.key) for name, method in cls.methods.items()}
        inner.within = self.within | {id(value)}
        return inner.eval(value)

    def assigned_to(self, cls: ClassInfo, name: str) -> Value:
        """What `Order.total = other` gives the class, beside its own method of that name."""
        return join_all(self.state.attribute(c.key, name) for c in self.project.mro(cls))

    def hiding(self, cls: ClassInfo, name: str) -> Value:
        """What objects of the class or of one below may have in the place of its method `name`.

        A class whose base only the run knows may be below it. An attribute that the run gives its
        name hides the method, too; a text or a keyword has to say that name.
        """
        methods = filter(None, map(self.state.function, self.state.read("overriding", name)))
        found = join_all(
            Function(method.key, True, Object(method.owner.key))
            for method in methods
            if method.owner is not None and method.owner is not cls
        )
        if not self.state.read("keyed", name):
            return found
        family = (*self.project.mro(cls), *self.project.subclasses(cls))
        given = join_all(self.state.attribute(c.key, ANY_NAME) for c in family)
        return hidden(found, given) if found is not None else given

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
        if node.attr == "query" and cls is not None and below_differ(self.state, cls):
            return UNKNOWN
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
            known = is_loaded(owner, relationship, name)
            if isinstance(node.ctx, ast.Load) and (owner.stale or not (known or owner.fresh)):
                self.record("lazy", node, io=True, name=name, model=model.key)
            return _held(relationship, target)
        if name in model.deferred or name in model.proxies:
            if isinstance(node.ctx, ast.Load) and not owner.fresh:
                self.record("lazy", node, io=True, name=name, model=model.key)
            return self.proxied(model, name) if name in model.proxies else OPAQUE
        if name in model.columns or name in model.others:
            if not isinstance(node.ctx, ast.Load):
                return OPAQUE
            if owner.stale and self.mixed and not owner.partial and name in model.columns:
                # What else it may be has the attribute as it is: nothing of it is read in the bridge.
                self.record("stale", node.value, io=True)
            elif owner.stale or owner.partial or to_be_computed(owner, model, name):
                self.record("lazy", node, io=True, name=name, model=model.key)
            return OPAQUE
        method = self.project.method(model.info, name)
        if method is not None:
            found = join(self.method_value(node, method, owner), self.redefined(method, owner))
            return hidden(found, self.assigned_to(model.info, name))
        for ancestor in self.project.mro(model.info):
            if name in ancestor.attributes:
                _, given = ancestor.attributes[name]
                found = self.stored(ancestor, given, owner) if given is not None else UNKNOWN
                return self.described(node, found)
        # Set by hand (`order.note = ...`), or given by a base outside the repository.
        if name == "query" and (
            is_given_query(self.state, model.info) or below_differ(self.state, model.info)
        ):
            return UNKNOWN
        value = self.state.attribute(model.key, name)
        if value is not None:
            return read_from(value, node.value)
        if name in ("query", "metadata"):
            cls = ModelType(model.key, f"type({written(node.value)})", model.joins)
            return self.model_query(node, cls, on_instance=True)
        if name in LOGIN_NAMES:
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

    def proxied(self, model: Model, name: str) -> Value:
        """What an association proxy gives."""
        via, attribute = model.proxies[name]
        relationship = model.relationships.get(via)
        other = self.models.by_key.get(relationship.target) if relationship is not None else None
        if relationship is None or other is None or relationship.lazy in ("dynamic", "write_only"):
            return UNKNOWN
        one: Value = UNKNOWN
        beyond = other.relationships.get(attribute)
        if beyond is not None and beyond.target and beyond.lazy != "dynamic":
            one = _held(beyond, Instance(beyond.target))
        elif attribute in other.columns or attribute in other.others:
            one = OPAQUE
        elif attribute in other.proxies and other is not model:
            one = self.proxied(other, attribute)
        return _held(relationship, one)

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
            self.flow_owner(method, self.known(node.value))
            self.record("property", node, callees=(method.key,), name=node.attr)
            found.append(self.given_by(method, None))
        return join_all(found) if found else value

    def asks_getattr(self, node: ast.Attribute, cls: ClassInfo, owner: Type) -> FunctionInfo | None:
        """The `__getattr__` by which a class answers for the names that it hasn't."""
        method = self.project.method(cls, "__getattr__")
        if method is not None and isinstance(node.ctx, ast.Load):
            self.flow_self(method, owner)
            self.record("property", node, callees=(method.key,), name=node.attr)
        return method

    def answered(self, node: ast.Attribute, method: FunctionInfo) -> Value:
        """The query that such a method gives; whatever else it gives depends on the name."""
        result = self.given_by(method, node.value)
        if holds_query(result) or (result is None and not self.state.is_open):
            return result
        return UNKNOWN

    def is_complete(self, cls: ClassInfo) -> bool:
        """Whether all attributes of a class's instances are known: no base from elsewhere."""
        return all(
            base.endswith((".Model", "UserMixin", "object", *DECLARATIVE))
            for base in self.project.external_bases(cls)
        )

    def is_property(self, method: FunctionInfo) -> bool:
        return any(
            d in _PROPERTY or d.endswith(("cached_property", "hybrid_property", ".expression"))
            for d in method.decorators()
        )

    def method_value(self, node: ast.Attribute, method: FunctionInfo, owner: Type) -> Value:
        if is_described(self.project, method):
            return UNKNOWN
        decorators = method.decorators()
        if self.is_property(method) or any(d.endswith((".setter", ".getter")) for d in decorators):
            found = self.project.variants(method)
            for variant in found:
                self.flow_self(variant, owner)
            if isinstance(node.ctx, ast.Load):
                keys = tuple(variant.key for variant in found)
                self.record("property", node, callees=keys, name=node.attr)
            return join_all(self.given_by(variant, node.value) for variant in found)
        if "staticmethod" in decorators:
            return Function(method.key)
        return Function(method.key, True, owner)

    def given_by(self, method: FunctionInfo, owner: ast.expr | None) -> Value:
        """What a method gives that Python calls on an object, which `owner` may denote here."""
        return made_by_itself(self.state.result(method.key), method, owner)

    def flow_owner(self, method: FunctionInfo, owner: Value) -> None:
        """A descriptor's `__get__` gets the object whose attribute it is, or None and the class."""
        names = positional(method.node.args)[1:3]
        of_class = isinstance(owner, ClassType | ModelType)
        for parameter, value in zip(names, (NONE if of_class else owner, UNKNOWN), strict=False):
            self.state.flow_param(method.key, parameter.arg, value)

    def flow_self(self, method: FunctionInfo, owner: Type) -> None:
        """The method runs on the object, without a call that is written; a generator's body later."""
        self.may_run(method, owner)
        if not self.state.read("generators", method.key):
            self.expired_by(method)

    def expired_by(self, method: FunctionInfo) -> None:
        if self.state.does_commit(method.key):
            self.expire()

    def may_run(self, method: FunctionInfo, owner: Type) -> None:
        self.goes_into(method.key)
        names = positional(method.node.args)
        if names and "staticmethod" not in method.decorators():
            self.state.flow_param(method.key, names[0].arg, owner)

    def flow_unseen(self, name: str) -> None:
        """A receiver of unknown type may be any object with the method, of a class below as well.

        Of a mapped one nothing is loaded.
        """
        for key in self.state.read("named", name):
            method = self.state.function(key)
            if method is None or method.owner is None or "classmethod" in method.decorators():
                continue
            of = method.owner.key
            if of in self.models.by_key:
                self.may_run(method, Instance(of, stale=self.expirations > 0))
            elif self.project.subclasses(method.owner) and not is_query_class(
                self.state, method.owner
            ):
                self.may_run(method, Object(of))

    def may_have_expired(self, node: ast.Attribute, owner: Type) -> bool:
        """Whether it reads a column of what may be a mapped object that a commit has expired."""
        return isinstance(node.ctx, ast.Load) and self.is_expired_column(owner, node.attr)

    def is_expired_column(self, owner: Type, name: str) -> bool:
        """Whether what may be a mapped object, which a commit has expired, has a column of this name."""
        if not isinstance(owner, Unknown) or not owner.stale:
            return False
        models = filter(None, map(self.models.by_key.get, owner.holding))
        return any(name in model.columns for model in models)
