"""Calls of what a class inherits: by `super()`, and from bases of other distributions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.open_bases import has_open_base
from migrator.index.session_classes import is_session_class
from migrator.index.signature import positional
from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries import extensions
from migrator.queries.refusals import QUERY_CLASS, refuse
from migrator.queries.step import Step
from migrator.queries.types import (
    GIVEN,
    NONE,
    UNKNOWN,
    ClassType,
    Instance,
    ListOf,
    ModelType,
    Object,
    Query,
    Session,
    Type,
)
from migrator.types.bases import calling_base, constructors_of_fields
from migrator.types.dumping import is_dump_of_many
from migrator.types.foreign import Foreign
from migrator.types.lattice import (
    Value,
    holds_instance,
    holds_query,
    options,
)
from migrator.types.mapped_members import ANY_NAME
from migrator.types.names import is_query_class


class Inherited(Foreign):
    """Adds inherited methods."""

    def above(self, func: ast.Attribute) -> list[FunctionInfo]:
        """What `super().name` may be: the method that comes next, in the class at hand and below."""
        owner = self.function.owner if self.function is not None else None
        called = func.value
        if owner is None or not isinstance(called, ast.Call) or not self.is_super(called):
            return []
        if called.args and self.project.resolve(self.module, called.args[0]) is not owner:
            return []
        found: list[FunctionInfo] = []
        for after in self._after(owner):
            method = next((c.methods[func.attr] for c in after if func.attr in c.methods), None)
            if method is not None and method not in found:
                found.append(method)
        return found

    def replaced_above(self, name: str) -> bool:
        """Whether `Base.total = other` may have put something else where `super().total` looks."""
        owner = self.function.owner if self.function is not None else None
        return owner is not None and any(
            self.state.attribute(cls.key, given) is not None
            for after in self._after(owner)
            for cls in after
            for given in (name, ANY_NAME)
        )

    def _after(self, owner: ClassInfo) -> Iterator[list[ClassInfo]]:
        """The classes that come after one, in its own order and in that of each class below."""
        for cls in (owner, *self.project.subclasses(owner)):
            order = self.project.mro(cls)
            yield order[order.index(owner) + 1 :]

    def own(self) -> Type | None:
        """The type of the method's first parameter."""
        assert self.function is not None
        for parameter in positional(self.function.node.args):
            known = options(self.env.get(parameter.arg))
            return known[0] if len(known) == 1 else None
        return None

    def passes_on(self, owner: Object | Instance, name: str) -> bool:
        """Whether what the class has not, `__getattr__` finds elsewhere: a facade over a session, say."""
        cls = self.project.classes.get(owner.key)
        if cls is None or self.project.method(cls, "__getattr__") is None:
            return False
        return (
            self.project.method(cls, name) is None and self.state.attribute(cls.key, name) is None
        )

    def from_base(self, node: ast.Call, owner: ModelType | Instance, name: str) -> Step | None:
        """A model's method that it has from a base of another distribution which is known."""
        cls = self.project.classes.get(owner.key)
        if cls is None or self.is_own(owner.key, name):
            return None
        bases = self.project.external_bases(cls)
        return extensions.of_model(bases, owner, name, node, self.typeof)

    def has_from_elsewhere(self, key: str, name: str) -> bool:
        """Whether a class has what it is called by from a base of another distribution, and nowhere else.

        `OrderIn.model_validate(given)`: it is no function of this repository.
        """
        cls = self.project.classes.get(key)
        if cls is None or name.startswith("__") or is_query_class(self.state, cls):
            return False
        if not self.project.external_bases(cls) or self.is_own(key, name):
            return False
        if any(has_open_base(self.project, c) for c in self.project.mro(cls)):
            return False
        below = self.project.subclasses(cls)
        meta = self.project.metaclass(cls)
        return (meta is None or self.project.method(meta, name) is None) and not any(
            name in c.methods or name in c.attributes for c in below
        )

    def inherited_call(self, node: ast.Call, owner: Type, name: str) -> Value:
        """A method that a base from elsewhere defines: it may call any method of the object."""
        assert isinstance(node.func, ast.Attribute)
        cls: ClassInfo | None = None
        if isinstance(owner, Object | Instance | ClassType):
            cls = self.project.classes.get(owner.key)
        if self.is_super(node.func.value):
            # `self` is of the class at hand or of one below, whatever the base is.
            assert self.function is not None
            cls = self.function.owner
        assert cls is not None
        if is_session_class(self.project, cls):
            return self._of_sessions_class(node, cls, name)
        values = self.arguments(node)
        self.reference(node)
        if any(has_open_base(self.project, c) for c in self.project.mro(cls)):
            # It may be the method of any class.
            self.record("unresolved", node, name=name)
            return UNKNOWN
        if is_query_class(self.state, cls):
            # A select is no object of the class.
            refusal = refuse(QUERY_CLASS, f"super() in {cls.name}")
            return self.step(node, Step(UNKNOWN, io=True, refusal=refusal))
        if isinstance(owner, Instance) and owner.stale:
            # It reads columns, as Flask-Login's `get_id` does.
            self.record("external", node, name="instance")
        foreign = self.project.external_bases(cls)
        if not foreign or self.state.attribute(cls.key, name) is not None:
            self.record("unresolved", node, name="()")
            return UNKNOWN
        asked = self.function if self.is_super(node.func.value) else None
        if asked is not None and asked.name == name:
            self.state.has_above(asked.key)
        if name == "__init__":
            calls = bool(calling_base(self.project, cls))
        else:
            calls = not name.startswith("__")
            if values and isinstance(values[0], Query):
                values[0] = self.dumped(node, cls, values[0])
                if values[0] is None:
                    return None
            if any(holds_instance(v) or holds_query(v) for v in values):
                self.handed_over(node, values)
        waiting = self.state.waiting
        for base in foreign:
            if waiting.method(waiting.made(base) or base, name):
                self.record("blocks", node, name=f"{base}.{name}")
        if calls:
            classes = {c.key: c for c in (*self.project.mro(cls), *self.project.subclasses(cls))}
            methods = [m for c in classes.values() for m in c.methods.values()]
            own = [m.key for m in methods if m.name != name or name != "__init__"]
            kept = [key for c in classes.values() for key in self._given_to_attributes(c)]
            self.record("external", node, callees=(*own, *kept), name="inherited")
            gives = any(holds_query(self.state.result(key)) for key in kept)
            fields = [k for c in classes.values() for k in constructors_of_fields(self.project, c)]
            if fields:
                self.record("external", node, callees=tuple(fields), name="inherited")
            if gives or any(map(self._keeps_loading, classes.values())):
                self.record("external", node, name="instance")
        return NONE if name == "__init__" else UNKNOWN

    def is_sessions_own(self, owner: Object, name: str) -> bool:
        """Whether an object of a class of sessions has from SQLAlchemy what it is called by."""
        cls = self.project.classes.get(owner.key)
        if cls is None or not is_session_class(self.project, cls):
            return False
        return not self.is_own(owner.key, name)

    def _of_sessions_class(self, node: ast.Call, cls: ClassInfo, name: str) -> Value:
        """What a class of sessions asks itself: it is a sync session there, and calls what the class replaces."""
        assert isinstance(node.func, ast.Attribute)
        classes = (*self.project.mro(cls), *self.project.subclasses(cls))
        own = tuple(m.key for c in classes for m in c.methods.values())
        self.record("external", node, callees=own, name="inherited")
        return self.session_call(node, Session(written(node.func.value), GIVEN), name)

    def session_call(self, node: ast.Call, owner: Session, name: str) -> Value:
        raise NotImplementedError

    def dumped(self, node: ast.Call, cls: ClassInfo, query: Query) -> Value:
        """The rows of a query that a schema dumps one by one, which go in instead; else the query."""
        if not is_dump_of_many(self.project, self.module, self.function, cls, node):
            return query
        item = self.iterated(node.args[0], query)
        self.record("listed", node.args[0])
        return ListOf(item) if item is not None else None

    def _given_to_attributes(self, cls: ClassInfo) -> Iterator[str]:
        """Functions that the class's attributes were made with: `Select(query_factory=roles)`."""
        for _, value in cls.attributes.values():
            for node in walk(value) if isinstance(value, ast.Call) else ():
                if isinstance(node, ast.Name | ast.Attribute):
                    found = self.project.resolve(cls.module, node)
                    if isinstance(found, FunctionInfo):
                        yield found.key

    def _keeps_loading(self, cls: ClassInfo) -> bool:
        """Whether they were made with a lambda that asks for rows."""
        asking = {"query", "session", *self.models.lazy_names}
        return any(
            isinstance(inner, ast.Attribute) and inner.attr in asking
            for _, value in cls.attributes.values()
            if isinstance(value, ast.Call)
            for node in walk(value)
            if isinstance(node, ast.Lambda)
            for inner in walk(node.body)
        )
