"""Attributes: what `x.name` is for each type of x, and whether reading it loads."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace

from migrator.index.declared import is_enumeration
from migrator.index.definitions import ClassInfo, Module, Variable
from migrator.index.written import written
from migrator.queries import extensions, tables
from migrator.queries.earlier_extension import EARLIER
from migrator.queries.plain import within
from migrator.queries.types import (
    ALIASED,
    GIVEN,
    OPAQUE,
    STRANGE,
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
    SessionFactory,
    TupleOf,
    Type,
    Unknown,
)
from migrator.types.bases import on_class
from migrator.types.builtin_names import OF_CONTAINERS, OF_FLASK, OPEN_OF_FLASK
from migrator.types.crossing import read_from
from migrator.types.lattice import Value, hidden, join, join_all, options
from migrator.types.module_names import of_module
from migrator.types.names import annotation_type, class_behind, extension_of, made_by
from migrator.types.of_requests import CURRENT_USER, OfRequests

#: The methods by which `flask.g` gives what hangs on it.
OF_G = frozenset({"flask.g.get", "flask.g.pop", "flask.g.setdefault"})
#: Owns what code gives the objects of Flask-SQLAlchemy: `db.other = db.session`.
DB_HUNG = "flask_sqlalchemy.SQLAlchemy"
#: Attributes by which a mapped attribute leads to classes, and these to their queries.
_TO_CLASSES = frozenset({"class_", "entity", "mapper", "parent", "query"})
#: Packages whose proxies stand for objects of their own.
_OWN_PROXIES = frozenset({"flask", "celery"})


class Members(OfRequests):
    """Adds attributes to the evaluation."""

    def external_value(self, node: ast.expr, value: External) -> Value:
        """A name of another distribution that stands for something that we know."""
        if value.dotted == CURRENT_USER:
            return self.current_user(node) or value
        package, _, name = value.dotted.rpartition(".")
        of_python = package.partition(".")[0] in sys.stdlib_module_names
        if name.startswith("current_") and not (of_python or package in _OWN_PROXIES):
            # A proxy such as flask_jwt_extended.current_user: what it stands for may be ours.
            return UNKNOWN
        return value

    def attribute(self, node: ast.Attribute) -> Value:
        self.owner = node.value
        return self.attribute_of(node, self.eval(node.value))

    def attribute_of(self, node: ast.Attribute, owner: Value) -> Value:
        """The attribute, where what has it is evaluated already."""
        if owner is None or self.is_none_yet(owner):
            return None
        several = self.having(node.attr, options(owner))
        self.one_of_several = len(several) > 1
        self.mixed = not all(isinstance(o, Instance) for o in several)
        values = self.alternatives(node, several, lambda option: self.member(node, option))
        self.one_of_several = self.mixed = False
        return self.joined(node, values) if values else UNKNOWN

    def having(self, name: str, found: list[Type]) -> list[Type]:
        """The options that may have the attribute: a column has no dynamic relationship's name."""
        if (
            len(found) > 1
            and any(isinstance(o, Column) for o in found)
            and any(isinstance(o, Instance) and self.is_dynamic(o, name) for o in found)
        ):
            return [o for o in found if not isinstance(o, Column)]
        return found

    def is_dynamic(self, owner: Instance, name: str) -> bool:
        """Whether it is a dynamic relationship of an object."""
        model = self.models.by_key.get(owner.key)
        relationship = model.relationships.get(name) if model is not None else None
        return relationship is not None and relationship.lazy == "dynamic"

    def member(self, node: ast.Attribute, owner: Type) -> Value:
        name = node.attr
        match owner:
            case Instance() | Object() if name == "__class__":
                return class_behind(self.state, owner, written(node))
            case ModuleType():
                value = of_module(self.state, owner.name, name, written(node))
                return self.external_value(node, value) if isinstance(value, External) else value
            case External("flask.g") if f"flask.g.{name}" not in OF_G:
                return self.hanging(self.state.attribute("flask.g", name))
            case External("flask.request") if self.state.read("on_requests", name):
                return self.hanging(self.state.attribute("flask.request", name))
            case External("flask.current_app") | Opaque("flask.Flask") if name in OPEN_OF_FLASK:
                return DictOf(Opaque(f"flask.Flask.{name}"), UNKNOWN)
            case External("flask.current_app") | Opaque("flask.Flask") if (
                name not in OF_FLASK or self.is_of_own_application(name)
            ):
                return self.on_application(node)
            case External(text) if f"{text}.{name}" in self.project.modules:
                return ModuleType(f"{text}.{name}")
            case External(text):
                return self.external_value(node, External(f"{text}.{name}"))
            case Db(key=key) if self.is_own(key, name):
                return self.object_member(node, key)
            case Db() if (found := extensions.member(owner, name)) is not None:
                return found
            case Db(text):
                if name == "session":
                    known = self.state.read("db_name", "") or f":{text}.session"
                    return Session(f"{text}.session", known)
                if name in ("func", "select", "update", "delete", "insert", "aliased"):
                    return External(f"sqlalchemy.{name}")
                if self.state.read("on_others", name):
                    hung = self.state.attribute(DB_HUNG, name)
                    if hung is not None or not self.state.is_open:
                        return hung
                if name in EARLIER:
                    self.record("earlier", node, name=name)
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
            case Unknown() if name == "session" and self.is_strange(node.value):
                self.state.flow_strange()
                return STRANGE
            case Unknown() | Opaque("<empty>"):
                if self.state.read("given", name):
                    self.state.mark("read_unseen", [("", name)])
                if isinstance(node.ctx, ast.Del):
                    # Nothing is read; a property's deleter is Python's to call.
                    if callees := self.state.properties.get(name):
                        self.record("external", node, callees=callees, name="deletion")
                elif name in (
                    self.models.called_names if node is self.callee else self.models.lazy_names
                ):
                    self.record("unresolved", node, io=True, name=name)
                elif name in self.state.properties:
                    callees = self.state.properties[name]
                    self.flow_unseen(name)
                    expired = self.may_have_expired(node, owner)
                    self.record("unresolved", node, callees=callees, io=expired, name=name)
                elif self.may_have_expired(node, owner):
                    self.record("stale", node.value, io=True)
                return self.taken_from(owner, UNKNOWN)
            case Session():
                if name == "transaction":
                    self.record("gone", node, name="session.transaction")
                if name in tables.OF_ONE and (taker := self.mapped.get(id(node))):
                    self.step(taker, tables.mapped_step(owner, name))
                    return tables.MAPPED
                return self.step(node, tables.session_member(name))
            case Function(key) if self.state.read("given", name):
                # Set by hand: `get_session.session = Session()`.
                hung = self.state.attribute(key, name)
                if hung is None:
                    return UNKNOWN if self.state.is_open else None
                return hung if isinstance(hung, Session) else UNKNOWN
            case RelationshipAttribute() if name == TARGET:
                return ModelType(owner.target, "")
            case Column() | RelationshipAttribute() if name in _TO_CLASSES:
                return UNKNOWN
            case Column() | RelationshipAttribute():
                return Column(written(node))
            case Selectable():
                whole = name in ("c", "columns")
                return owner if whole else Column(written(node), unhashable=True)
            case Opaque("sqlalchemy.orm.InstanceState"):
                return Session(written(node), GIVEN) if name == "session" else UNKNOWN
            case _ if self.is_nobodys(owner, name):
                return None
            case Opaque() if (put := self.put_by_hand(owner, name)) is not None:
                return self.hanging(put)
            case Opaque():
                part = self.state.waiting.part(owner.name, name)
                return Opaque(part) if part else within(owner)
            case ListOf() | DictOf() | TupleOf() if name not in OF_CONTAINERS:
                # It is something else than it was taken for: a named tuple, an object of a class.
                return self.member(node, UNKNOWN)
            case ListOf() | DictOf() | TupleOf() | Select() | Result():
                return OPAQUE
        return UNKNOWN

    def is_strange(self, node: ast.expr) -> bool:
        """Whether it is a module's object of an extension that nobody knows."""
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in self.env:
            return False
        found = self.project.resolve(self.module, node)
        return isinstance(found, Variable) and bool(made_by(self.project, found))

    def is_super(self, node: ast.expr) -> bool:
        """Whether it is a method's `super()`."""
        if self.function is None or self.function.owner is None:
            return False
        called = node.func if isinstance(node, ast.Call) else None
        return isinstance(called, ast.Name) and called.id == "super"

    def is_own(self, key: str, name: str) -> bool:
        """Whether a class of the repository gives this name itself, or anybody to its objects."""
        cls = self.project.classes.get(key)
        return cls is not None and (
            self.project.method(cls, name) is not None
            or any(name in ancestor.attributes for ancestor in self.project.mro(cls))
            or self.assigned_to(cls, name) is not None
        )

    def extension(self, key: str, name: str, text: str) -> Db | None:
        """What an object of a class of the repository has this from, if that is an extension's own."""
        found = extension_of(self.state, self.project.classes.get(key), text)
        return None if self.is_own(key, name) else found

    def object_member(self, node: ast.Attribute, key: str) -> Value:
        cls = self.project.classes.get(key)
        if cls is None:
            return UNKNOWN
        name = node.attr
        if extension := self.extension(key, name, written(node.value)):
            return self.member(node, extension)
        value = read_from(self.assigned_to(cls, name), node.value)
        method = self.project.method(cls, name)
        if method is not None:
            # `self.run = other` hides the method of that name.
            found = self.method_value(node, method, Object(key))
            below = (
                self.stored(other, given, Object(other.key))
                for other in self.project.subclasses(cls)
                if (given := other.attributes.get(name, (None, None))[1]) is not None
            )
            redefined = self.redefined(method, Object(key))
            for instead in (redefined, *below, value, self.hiding(cls, name)):
                found = hidden(found, instead)
            return found
        declared = self.declared(cls, name)
        if declared is not None:
            value = join_all([declared, *(o for o in options(value) if not isinstance(o, Unknown))])
        if value is not None:
            return UNKNOWN if self.is_put_elsewhere(name, value) else self.held(node, value)
        for ancestor in self.project.mro(cls):
            if name in ancestor.attributes:
                _, given = ancestor.attributes[name]
                found = self.described(node, self.overridden(cls, name, ancestor, given))
                if self.is_put_elsewhere(name, found):
                    return UNKNOWN
                if isinstance(node.value, ast.Name):
                    # Which of the models it is, only the attribute says.
                    text = written(node)
                    models = (
                        replace(o, text=text) if isinstance(o, ModelType) else o
                        for o in options(found)
                    )
                    return join_all(models)
                return found
        for other in () if self.is_super(node.value) else self.project.subclasses(cls):
            value = join(value, read_from(self.state.attribute(other.key, name), node.value))
            if (method := other.methods.get(name)) is not None:
                value = join(value, self.method_value(node, method, Object(other.key)))
                if self.state.read("foreign", method.key):
                    value = UNKNOWN  # This class has it, too.
        if value is not None:
            # The object is of a class below: `isinstance` has said so, or it is abstract here.
            for other in self.project.subclasses(cls):
                if (given := other.attributes.get(name, (None, None))[1]) is not None:
                    value = hidden(value, self.stored(other, given, Object(other.key)))
            return self.held(node, self.some(value))
        if asked := self.asks_getattr(node, cls, Object(key)):
            return self.answered(node, asked)
        if name == "session" and self.is_strange(node.value):
            self.state.flow_strange()
            return STRANGE
        if self.one_of_several and self.is_complete(cls):
            return None  # It raises AttributeError: the code must have seen that it is another.
        # What nothing gives to any object is given by a base from elsewhere, or not at all.
        return None if self.state.read("given", name) and not self.state.is_open else UNKNOWN

    def declared(self, cls: ClassInfo, name: str) -> Value:
        """What an annotation in the class says of an attribute, where that is a type of ours.

        The fields of a dataclass are parameters of its constructor, which a container may call.
        """
        for ancestor in self.project.mro(cls):
            if name in ancestor.attributes:
                annotation, _ = ancestor.attributes[name]
                module, annotation = self.meant(ancestor.module, annotation)
                found = annotation_type(self.state, module, annotation, name)
                known = Session | SessionFactory | Object | Db
                return found if isinstance(found, known) else None
        return None

    def meant(self, module: Module, annotation: ast.expr | None) -> tuple[Module, ast.expr | None]:
        """The type that an annotation has another name for: `Sessions = scoped_session[Session]`."""
        if not isinstance(annotation, ast.Name | ast.Attribute):
            return module, annotation
        found = self.project.resolve(module, annotation)
        named = isinstance(found, Variable) and isinstance(
            found.value, ast.Name | ast.Attribute | ast.Subscript
        )
        if not isinstance(found, Variable) or not named:
            return module, annotation
        return self.project.modules[found.module], found.value

    def field(self, node: ast.Subscript, cls: ClassInfo) -> Value:
        """What the class of a TypedDict says of `context["session"]`, where that is a type of ours."""
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        bases = self.project.external_bases(cls) if isinstance(key, str) else ()
        if not any(base.rpartition(".")[2] == "TypedDict" for base in bases):
            return None
        found = self.declared(cls, str(key))
        return replace(found, text=written(node)) if isinstance(found, Session) else found

    def held(self, node: ast.Attribute, value: Type) -> Value:
        """What an object has as its attribute."""
        if isinstance(value, Session):
            return replace(value, text=written(node), name="")
        return self.reached(value)

    def overridden(
        self, cls: ClassInfo, name: str, home: ClassInfo, given: ast.expr | None
    ) -> Value:
        """A class-level attribute of `self`: the value here, or that of a class below."""
        if given is not None:
            own = self.stored(home, given, Object(cls.key))
        else:
            # Annotated alone: whoever makes an object gives it.
            own = UNKNOWN if self.state.is_open else None
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
            found = on_class(self.project, method, key)
            return hidden(
                found, join(self.assigned_to(cls, node.attr), self.hiding(cls, node.attr))
            )
        given = self.assigned_to(cls, node.attr)
        for ancestor in self.project.mro(cls):
            if node.attr in ancestor.attributes:
                _, value = ancestor.attributes[node.attr]
                own = self.class_value(ancestor, value) if value is not None else UNKNOWN
                enumerated = is_enumeration(self.project.external_bases(cls))
                # A function in an enum's body is a method of it, and no member.
                return (
                    Object(key)
                    if enumerated and not isinstance(own, Function)
                    else self.reached(join(own, given))
                )
        return UNKNOWN if given is None else self.reached(given)
