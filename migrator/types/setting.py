"""What runs when an attribute is set: the setter of a property, a descriptor's `__set__`."""

from __future__ import annotations

from migrator.index.definitions import ClassInfo, FunctionInfo
from migrator.index.signature import positional
from migrator.queries.types import Instance, Object, Type
from migrator.types.containers import Containers
from migrator.types.lattice import Value, options


class Setting(Containers):
    """Adds the functions that Python calls where the code says `x.name = value`."""

    def set_on(self, owner: Type, name: str, value: Value) -> tuple[str, ...]:
        """The keys of the functions that set this attribute of an object; they are given the value."""
        cls = self.project.classes.get(owner.key) if isinstance(owner, Instance | Object) else None
        if cls is None:
            return ()
        found: list[str] = []
        for method in self._setters(cls, name):
            found.append(method.key)
            self.flow_self(method, owner)
            self._given(method, (value,))
        for method, descriptor in self._descriptors(cls, name, owner):
            found.append(method.key)
            self.flow_self(method, descriptor)
            self._given(method, (owner, value))
        return tuple(found)

    def got_from(self, owner: Type, name: str) -> tuple[str, ...]:
        """The keys of the functions that give this attribute of an object, where setting it calls some."""
        cls = self.project.classes.get(owner.key) if isinstance(owner, Instance | Object) else None
        method = self.project.method(cls, name) if cls is not None else None
        return (method.key,) if method is not None and self.is_property(method) else ()

    def _given(self, method: FunctionInfo, values: tuple[Value, ...]) -> None:
        for parameter, value in zip(positional(method.node.args)[1:], values, strict=False):
            self.state.flow_param(method.key, parameter.arg, value)

    def _setters(self, cls: ClassInfo, name: str) -> list[FunctionInfo]:
        method = self.project.method(cls, name)
        if method is None or method.owner is None or not self.is_property(method):
            return []
        return [
            info
            for info in method.owner.module.functions
            if info.owner is method.owner and f"{name}.setter" in info.decorators()
        ]

    def _descriptors(
        self, cls: ClassInfo, name: str, owner: Type
    ) -> list[tuple[FunctionInfo, Object]]:
        if not self.state.read("named", "__set__"):
            return []
        home = next((c for c in self.project.mro(cls) if name in c.attributes), None)
        given = home.attributes[name][1] if home is not None else None
        if home is None or given is None:
            return []
        found: list[tuple[FunctionInfo, Object]] = []
        for option in options(self.stored(home, given, owner)):
            of = self.project.classes.get(option.key) if isinstance(option, Object) else None
            method = self.project.method(of, "__set__") if of is not None else None
            if method is not None and isinstance(option, Object):
                found.append((method, option))
        return found
