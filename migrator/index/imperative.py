"""Classes that are mapped by a call: `registry.map_imperatively(Order, orders, properties={...})`.

`mapper(Order, orders)` is the same (SQLAlchemy 1.x). What the call says is put among the attributes
of the class, as if it stood there: a relationship, a synonym. Its table is kept apart.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.frozen import frozen
from migrator.index.definitions import ClassInfo, Module, Variable, dotted
from migrator.index.mapping import relationship_call
from migrator.index.project import Project

_MAPPERS = frozenset({"map_imperatively", "mapper"})


@frozen
class Table:
    """A call of `Table`, and the module that it stands in."""

    module: Module
    call: ast.Call

    @property
    def name(self) -> str:
        """The name of the table, "" where it is no plain text."""
        first = self.call.args[0] if self.call.args else None
        return str(first.value) if isinstance(first, ast.Constant) else ""

    def columns(self) -> Iterator[tuple[str, ast.Call]]:
        """The columns by their names."""
        for given in self.call.args:
            if isinstance(given, ast.Call) and dotted(given.func).endswith("Column"):
                first = given.args[0] if given.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value, given


@frozen
class Mapped:
    """A class, the call that maps it, and the table that it is mapped to, where that is known."""

    cls: ClassInfo
    module: Module
    call: ast.Call
    table: Table | None


def table_of(project: Project, module: Module, node: ast.expr | None) -> Table | None:
    """The call of `Table` that an expression at the top level of a module stands for."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Table":
        return Table(module, node)
    if isinstance(node, ast.Name | ast.Attribute):
        found = project.resolve(module, node)
        if isinstance(found, Variable) and isinstance(found.value, ast.Call):
            return table_of(project, project.modules[found.module], found.value)
    return None


def map_imperatively(project: Project) -> dict[str, Mapped]:
    """The classes that calls map, by key; their attributes are those of the calls as well."""
    found: dict[str, Mapped] = {}
    for module in project.modules.values():
        if any(module.source.says(f"{name}(") for name in _MAPPERS):
            for call in module.of(ast.Call):
                mapped = _mapped(project, module, call)
                if mapped is not None:
                    found[mapped.cls.key] = mapped
    for mapped in found.values():
        for name, value in _properties(mapped.call):
            relationship = relationship_call(value, mapped.module)
            if relationship is not None:
                value = _aimed(project, mapped.module, relationship)
            mapped.cls.attributes.setdefault(name, (None, value))
    return found


def _mapped(project: Project, module: Module, call: ast.Call) -> Mapped | None:
    if dotted(call.func).rpartition(".")[2] not in _MAPPERS or not call.args:
        return None
    cls = project.resolve(module, call.args[0])
    if not isinstance(cls, ClassInfo):
        return None
    keywords = {k.arg: k.value for k in call.keywords}
    given = call.args[1] if len(call.args) > 1 else keywords.get("local_table")
    return Mapped(cls, module, call, table_of(project, module, given))


def _properties(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    for keyword in call.keywords:
        if keyword.arg == "properties" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value


def _aimed(project: Project, module: Module, relationship: ast.Call) -> ast.Call:
    """The call with the name of the class that it leads to, which may be given as its mapper."""
    given = relationship.args[0] if relationship.args else None
    if isinstance(given, ast.Lambda):
        given = given.body
    if isinstance(given, ast.Name):
        given = _class_of(project, module, given) or given
    cls = project.resolve(module, given) if given is not None else None
    if not isinstance(cls, ClassInfo):
        return relationship
    name = ast.copy_location(ast.Constant(cls.name), relationship)
    call = ast.Call(relationship.func, [name, *relationship.args[1:]], relationship.keywords)
    return ast.copy_location(call, relationship)


def _class_of(project: Project, module: Module, mapper: ast.Name) -> ast.expr | None:
    """The class whose mapper has been given this name."""
    for assigned in module.of(ast.Assign):
        names = [target.id for target in assigned.targets if isinstance(target, ast.Name)]
        made = assigned.value
        if mapper.id in names and isinstance(made, ast.Call) and _mapped(project, module, made):
            return made.args[0]
    return None
