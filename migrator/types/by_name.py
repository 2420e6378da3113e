"""Attributes that are read or set by a name in a text: `getattr`, `setattr`, `g.get`."""

from __future__ import annotations

import ast

from migrator.index.definitions import ClassInfo
from migrator.index.written import written
from migrator.queries.refusals import SESSION_METHOD, refuse
from migrator.queries.step import Step
from migrator.queries.types import (
    NONE,
    UNKNOWN,
    ClassType,
    DictOf,
    External,
    Function,
    Instance,
    ModelType,
    ModuleType,
    Object,
    Opaque,
    Session,
    TupleOf,
    Type,
    Unknown,
)
from migrator.types.crossing import read_from
from migrator.types.lattice import Value, holds_instance, holds_query, join, join_all, options
from migrator.types.mapped_members import ANY_NAME, is_loaded, to_be_computed
from migrator.types.module_names import of_module
from migrator.types.own_queries import EVERY_MODEL, is_base, makes_query_property
from migrator.types.setting import Setting

#: Objects and classes of the repository.
_OURS = (Instance, Object, ClassType, ModelType)
#: What may be called as a method is, of all that an attribute may hold.
_CALLABLE = (Unknown, Function, Object, ClassType, ModelType, External)
#: Whichever of a session's methods it is: an AsyncSession has not all of them, and some are awaited.
ANY_METHOD = Step(io=True, site=True, refusal=refuse(SESSION_METHOD, "a method by its name"))


class ByName(Setting):
    """Adds attributes whose names are values."""

    def member(self, node: ast.Attribute, owner: Type) -> Value:
        if node.attr == "__dict__" and isinstance(owner, ClassType | ModelType | Unknown):
            if not isinstance(owner, Unknown):
                self.look_up(owner)
            return DictOf(Opaque("str"), UNKNOWN)
        if node.attr == "__dict__":
            self.given_by_name(owner)
        return super().member(node, owner)

    def dynamic_attribute(self, node: ast.Call, owner: Value) -> Value:
        """`getattr(obj, name)`: as plain access where the name is literal."""
        if holds_query(owner):
            self.record("external", node, name="query")
            return UNKNOWN
        name = node.args[1] if len(node.args) >= 2 else None
        if any(isinstance(option, Session) for option in options(owner)):
            self.record("step", node, step=ANY_METHOD)
            return UNKNOWN
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            found = [self.attribute_by_name(node, o, name.value) for o in options(owner)]
            return join_all([*found, *(self.known(a) for a in node.args[2:])] or [UNKNOWN])
        if holds_instance(owner):
            self.record("external", node, name="instance")
        self.look_up(owner)
        return UNKNOWN

    def look_up(self, owner: Value) -> None:
        """Any of what the owner has may be used as a value from here on."""
        self.read_by_name(owner)
        found = self.reachable_by_name(owner)
        self.state.mark("taken", found)
        if not any(isinstance(option, Unknown) for option in options(owner)):
            self.state.mark("looked_up", found)

    def read_by_name(self, owner: Value, name: str = "") -> None:
        """An attribute of this name, or any, is read of `owner` where its value is not followed."""
        for option in options(owner):
            if isinstance(option, Object | ClassType):
                self.state.mark("read_unseen", [(option.key, name)])
            elif isinstance(option, Unknown):
                self.state.mark("read_unseen", [("", name)])

    def called_by_name(self, callee: ast.expr) -> None:
        """Take note of what `getattr(obj, name)()` may call, or a variable that holds the value."""
        found = [callee]
        if isinstance(callee, ast.Name) and self.function is not None:
            found = [
                n.value for n in self.function.nodes if isinstance(n, ast.Assign)
                if any(isinstance(t, ast.Name) and t.id == callee.id for t in n.targets)
            ]  # fmt: skip
        for value in found:
            match value:
                case ast.Call(func=ast.Name(id="getattr"), args=[of, name, *_]) if not isinstance(
                    name, ast.Constant
                ):
                    owner = self.types.get(id(of))
                    if not any(isinstance(option, Unknown) for option in options(owner)):
                        self.state.mark("called_by_name", self.reachable_by_name(owner))

    def attribute_by_name(self, node: ast.Call, owner: Type, name: str) -> Value:
        """One attribute, by a name that is known."""
        if owner == External("flask.g"):
            return self.hanging(self.state.attribute("flask.g", name))
        if isinstance(owner, ModuleType):
            return of_module(self.state, owner.name, name, written(node))
        cls = self.project.classes.get(owner.key) if isinstance(owner, _OURS) else None
        if cls is None:
            if isinstance(owner, Unknown):
                self.state.mark("taken", self.state.read("named", name))
                self.read_by_name(owner, name)
                if self.is_expired_column(owner, name):
                    self.record("stale", node.args[0], io=True)
            return self.taken_from(owner, UNKNOWN)
        if isinstance(owner, Instance):
            model = self.models.by_key.get(owner.key)
            relationship = model.relationships.get(name) if model is not None else None
            known = relationship is not None and is_loaded(owner, relationship, name)
            deferred = model is not None and (
                name in model.deferred
                or name in model.proxies
                or to_be_computed(owner, model, name)
            )
            # What a query for the base does not load of an object of a class below.
            apart = not (model and self.has(cls, name)) and any(
                self.has(c, name)
                for c in self.project.subclasses(cls)
                if c.key in self.models.by_key
            )
            if owner.stale or deferred or apart or (relationship is not None and not known):
                self.record("external", node, name="instance")
        found: Value = None
        for below in (cls, *self.project.subclasses(cls)):
            method = self.project.method(below, name)
            if method is None:
                continue
            if isinstance(owner, Instance | Object) and self.is_property(method):
                self.flow_self(method, owner)
                self.record("external", node, callees=(method.key,), name="property")
                found = join(found, self.given_by(method, node.args[0]))
            else:
                bound = isinstance(owner, Instance | Object)
                found = join(found, Function(method.key, bound, owner if bound else None))
        if found is None and isinstance(owner, Object | ClassType):
            return self.kept_query(cls, name, node.args[0])
        return UNKNOWN if found is None else found

    def kept_query(self, cls: ClassInfo, name: str, owner: ast.expr) -> Value:
        """The query that an attribute of this name keeps; what else it may hold is not followed."""
        value = read_from(self.assigned_to(cls, name), owner)
        known = holds_query(value) or (value is None and not self.state.is_open)
        return value if known else UNKNOWN

    def reachable_by_name(self, owner: Value) -> set[str]:
        """What `getattr(owner, name)` may give."""
        found: set[str] = set()
        for option in options(owner):
            if isinstance(option, ModuleType):
                found.update(self.state.read("functions_of", option.name))
            elif isinstance(option, _OURS):
                cls = self.project.classes.get(option.key)
                family = (*self.project.mro(cls), *self.project.subclasses(cls)) if cls else ()
                found.update(m.key for c in family for m in c.methods.values())
            elif isinstance(option, Unknown):
                found.update(k for k, f in self.project.functions.items() if f.owner is not None)
        return found

    def named_attribute(self, node: ast.Call, owner: Value) -> None:
        if holds_instance(owner):
            self.record("external", node, name="instance")

    def may_load_by_name(self, node: ast.Call, owner: Value) -> bool:
        """Whether an unknown object may be a mapped one that loads the attribute of this name."""
        unknown = any(isinstance(o, Unknown) for o in options(owner))
        name = node.args[1] if len(node.args) > 1 else None
        return unknown and isinstance(name, ast.Constant) and name.value in self.models.lazy_names

    def set_by_name(self, node: ast.Call, values: list[Value]) -> None:
        """`setattr(obj, "name", value)`: the attribute has it as by an assignment."""
        match node.args, values:
            case [place, ast.Constant(value=str() as name), given], [owner, _, value]:
                if makes_query_property(given):
                    return
                self.put_into(place, value)
                for option in options(owner):
                    if setters := self.set_on(option, name, value):
                        self.record("external", node, callees=setters, name="property")
                    elif isinstance(option, Object | ClassType):
                        self.keep(node, option.key, name, value)
                    elif self.models_get(node, place, option, name, value):
                        continue
                    elif option == External("flask.g"):
                        self.keep(node, "flask.g", name, value)
            case [_, name, _], [owner, _, value] if not isinstance(name, ast.Constant):
                self.given_by_name(owner, value)

    def models_get(
        self, node: ast.expr, place: ast.expr, owner: Type, name: str, value: Value
    ) -> bool:
        """`Order.total = other`, `db.Model.query = other`: for all objects, beside what they have under that name.

        Whether it is mapped classes that get it.
        """
        if isinstance(owner, ModelType):
            key = owner.key
        elif name == "query" and is_base(self.project, self.module, place):
            key = EVERY_MODEL
        else:
            return False
        self.state.flow_attribute(key, name, UNKNOWN)
        self.escape(node, value)
        return True

    def given_by_name(self, owner: Value, value: Value = UNKNOWN) -> None:
        """Objects or a class have this under a name of the run: it may hide a method."""
        if any(isinstance(o, _CALLABLE) for o in options(value)):
            for option in options(owner):
                if isinstance(option, Object | ClassType):
                    self.state.flow_attribute(option.key, ANY_NAME, UNKNOWN)

    def class_made(self, bases: Value) -> None:
        """`type(name, bases, namespace)`: a class that may have methods of its own for its bases'."""
        for option in options(bases):
            for base in option.items if isinstance(option, TupleOf) else ():
                self.given_by_name(base)

    def g_by_name(self, node: ast.Call, method: str, values: list[Value]) -> Value:
        """`g.get("user")` and the like: what hangs on the request under that name."""
        name = node.args[0] if node.args else None
        if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            return UNKNOWN
        if method == "setdefault":
            self.keep(node, "flask.g", name.value, values[1] if values[1:] else NONE)
        found = self.hanging(self.state.attribute("flask.g", name.value))
        return join_all([found, *(values[1:] or [NONE])])
