"""Special methods of the repository's own classes, which Python calls."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Literal

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.signature import positional
from migrator.queries.join import item_type
from migrator.queries.types import (
    ClassType,
    Instance,
    ModelType,
    Object,
    Type,
)
from migrator.types.lattice import (
    Value,
    holds_query,
    options,
)
from migrator.types.mapped_members import is_loaded
from migrator.types.members import Members


class SpecialMethods(Members):
    """Adds the calls that nobody writes."""

    def special(
        self,
        node: ast.AST,
        value: Value,
        *methods: str,
        name: str = "special",
        given: Value = None,
    ) -> bool:
        """Python calls a special method of the repository's own classes here, if they have it.

        With `given`, its first argument.
        """
        known = False
        for option in options(value):
            cls = self.answering(option)
            for method in methods:
                for found in self.methods_of(cls, method) if cls is not None else ():
                    known = True
                    self.flow_self(found, option)
                    if given is not None:
                        for parameter in positional(found.node.args)[1:2]:
                            self.state.flow_param(found.key, parameter.arg, given)
                    self.record("external", node, callees=(found.key,), name=name)
        return known

    def operated_by(
        self,
        node: ast.AST,
        operand: ast.expr,
        value: Value,
        *methods: str,
        name: str = "special",
        given: Value = None,
    ) -> list[Value]:
        """What the methods of an operand give, if it has any; they are called here."""
        self.special(node, value, *methods, name=name, given=given)
        classes = [self.answering(option) for option in options(value)]
        return [
            self.given_by(found, operand)
            for cls in classes
            if cls is not None
            for method in methods
            for found in self.methods_of(cls, method)
        ]

    def answering(self, value: Type) -> ClassInfo | None:
        """The class of the repository whose special methods Python calls: a class's own is its metaclass."""
        match value:
            case Instance(key) | Object(key):
                return self.project.classes.get(key)
            case ClassType(key) | ModelType(key):
                cls = self.project.classes.get(key)
                return self.project.metaclass(cls) if cls is not None else None
        return None

    def is_user(self, value: Instance) -> bool:
        """Whether its class takes `==` from Flask-Login, which reads the key of both objects."""
        cls = self.project.classes.get(value.key)
        bases = self.project.external_bases(cls) if cls is not None else ()
        return any(base.endswith("flask_login.UserMixin") for base in bases)

    def methods_of(self, cls: ClassInfo, name: str) -> list[FunctionInfo]:
        """The method that an object of the class has, which may be of a class below."""
        found = (self.project.method(c, name) for c in (cls, *self.project.subclasses(cls)))
        return list(dict.fromkeys(method for method in found if method is not None))

    def showing(self, cls: ClassInfo, names: Sequence[str]) -> list[FunctionInfo]:
        """The methods that make a text of an object: those of the first name that there is."""
        for name in names:
            if found := self.methods_of(cls, name):
                return found
        return []

    def shown(self, node: ast.expr, value: Value, *names: str) -> None:
        """A value becomes a text, by its methods `names`, `__str__` or `__repr__`."""
        names = (*names, "__str__", "__repr__")
        for option in options(value):
            if isinstance(option, Instance | Object):
                cls = self.project.classes.get(option.key)
                own = self.showing(cls, names) if cls is not None else []
                for method in own:
                    self.flow_self(method, option)
                    self.record("external", node, callees=(method.key,), name="shown")
                if not own and isinstance(option, Instance) and self._fields_load(option, "shown"):
                    self.record("external", node, name="shown")
        if holds_query(value):
            self.record("external", node, name="query")

    def compared(self, node: ast.expr, value: Value) -> None:
        """`a == b`, `a in objects`: a dataclass compares the relationships, too."""
        items = (item_type(option) for option in options(value))
        for option in (*options(value), *(o for item in items for o in options(item))):
            cls = self.answering(option)
            if (
                isinstance(option, Instance)
                and self._fields_load(option, "compared")
                and not (cls is not None and self.methods_of(cls, "__eq__"))
            ):
                self.record("external", node, name="special")

    def _fields_load(self, value: Instance, fields: Literal["shown", "compared"]) -> bool:
        """Whether a method that `dataclass` has made reads a relationship that may load."""
        model = self.models.by_key.get(value.key)
        if model is None:
            return False
        names: set[str] = getattr(model, fields)
        return any(
            value.stale or not (value.fresh or is_loaded(value, model.relationships[name], name))
            for name in names
        )
