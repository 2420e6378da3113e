"""Classes that the repository's code makes no object of and hands to nobody, nor by their objects' methods."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator

from migrator.index.definitions import (
    ClassInfo,
    ExternalName,
    FunctionInfo,
    Import,
    Module,
    Variable,
)
from migrator.index.project import Project
from migrator.index.signature import positional
from migrator.index.walk import parents_in, walk
from migrator.types.state import State

#: What gives an object of a class, the class of an object, or the classes below.
_MAKING = frozenset({"__call__", "__class__", "__dict__", "__new__", "__subclasses__", "mro"})
#: Names by which code comes by the classes of views that it doesn't say the names of.
_LISTING = frozenset({"__subclasses__", "view_class"})
#: What gives the classes above a class.
_ABOVE = frozenset({"__base__", "__bases__", "__mro__", "getmro", "mro", "view_class"})
#: Names whose texts bring nobody an object of a class.
_NO_LOOK_UP = frozenset({"__all__", "__tablename__"})
#: A text that may be looked up as a name.
_PATH = re.compile(r"[\w.:]+")


def without_objects(state: State, classes: Collection[ClassInfo]) -> frozenset[str]:
    """The keys of those classes that no code of the repository makes an object of, or hands on."""
    project = state.project
    if not classes:
        return frozenset()
    said = _Said(project, {cls.key for cls in classes})
    names = {cls.name for cls in classes}
    modules = project.modules.values()
    loose = {name for module in modules for name in said.used(module, names)}
    loose |= {cls.name for cls in classes if any(map(_gives_itself, cls.methods.values()))}
    if not _LISTING.isdisjoint(state.names.said) and _may_list(state, classes, said):
        return frozenset()
    return frozenset(
        cls.key
        for cls in classes
        if loose.isdisjoint(c.name for c in _family(state, cls)) and "<locals>" not in cls.key
    )


def _family(state: State, cls: ClassInfo) -> Iterator[ClassInfo]:
    for below in (cls, *state.project.subclasses(cls)):
        yield from state.project.mro(below)


def _may_list(state: State, classes: Collection[ClassInfo], said: _Said) -> bool:
    """Whether `__subclasses__()` may be asked of a class above one: code has to come by such a class."""
    if not _ABOVE.isdisjoint(state.names.said):
        return True
    project = state.project
    above = {known.name for cls in classes for known in project.mro(cls) if known not in classes}
    above |= {b.rpartition(".")[2] for cls in classes for b in project.external_bases(cls)}
    above.add("object")
    return any(True for module in project.modules.values() for _ in said.used(module, above))


class _Said:
    """What is said of the classes that have these `keys`."""

    def __init__(self, project: Project, keys: Collection[str]) -> None:
        self._project = project
        self._keys = keys

    def used(self, module: Module, names: set[str]) -> Iterator[str]:
        """Those of the names that a module uses for more than registering, deriving and what they have.

        What it knows as another class of the repository is none of them.
        """
        said: list[tuple[ast.expr, str]] = [(n, n.id) for n in module.of(ast.Name) if n.id in names]
        said += [(n, n.attr) for n in module.of(ast.Attribute) if n.attr in names]
        if said:
            registered = _registered(module)
            own = self._brought(module)
            for node, name in said:
                if id(node) not in registered and (
                    name in own or not self._is_other(self._project.resolve(module, node))
                ):
                    yield name
        for alias in module.of(ast.alias):
            if alias.asname is not None and (last := alias.name.rpartition(".")[2]) in names:
                yield last
        exported, told = _exported(module), None
        for text in module.of(ast.Constant):
            if id(text) in exported:
                continue
            if isinstance(text.value, str) and (parts := _PATH.fullmatch(text.value)):
                found = names.intersection(re.split("[.:]", parts[0]))
                if text.value in found:
                    told = self._told(module) if told is None else told
                    if id(text) in told:
                        continue
                yield from found

    def _told(self, module: Module) -> set[int]:
        """Ids of what other distributions are given: `Namespace("Orders")`, `api.model("Orders", ...)`.

        A name alone is nothing that they could look up: they know no module of the repository.
        """
        return {
            id(given)
            for call in module.of(ast.Call)
            if self._is_foreign(module, call.func)
            for given in (*call.args, *(keyword.value for keyword in call.keywords))
        }

    def _is_foreign(self, module: Module, called: ast.expr) -> bool:
        """Whether another distribution's function is called, or a method of what such a one has made."""
        found = self._project.resolve(module, called)
        if found is None and isinstance(called, ast.Attribute):
            made = self._project.resolve(module, called.value)
            if isinstance(made, Variable) and isinstance(made.value, ast.Call):
                found = self._project.resolve(self._project.modules[made.module], made.value.func)
        if not isinstance(found, ExternalName):
            return False
        return found.dotted.partition(".")[0] not in sys.stdlib_module_names

    def _is_other(self, found: object) -> bool:
        """Whether it is a class of the repository that is none of them."""
        return isinstance(found, ClassInfo) and found.key not in self._keys

    def _brought(self, module: Module) -> set[str]:
        """The names by which imports, wherever they stand, may bring one of them or something that is not known."""
        imported = self._project.imported
        return {
            alias.asname or alias.name
            for node in module.of(ast.ImportFrom)
            for alias in node.names
            if not self._is_other(
                imported(Import(module.absolute(node.module, node.level), alias.name))
            )
        }


def _registered(module: Module) -> set[int]:
    """Ids of what is only registered or derived from, or of which something is taken."""
    registered = {id(node.value) for node in module.of(ast.Attribute) if node.attr not in _MAKING}
    for cls in module.of(ast.ClassDef):
        registered.update(map(id, cls.bases))
    for call in module.of(ast.Call):
        match call.func:
            case ast.Attribute(attr="add_resource"):
                registered.update(map(id, call.args))
            case ast.Name(id="super"):
                registered.update(map(id, call.args))
    return registered


def _exported(module: Module) -> set[int]:
    """Ids of the texts in `__all__`, and of tables' names."""
    return {
        id(node)
        for assign in module.of(ast.Assign)
        if any(isinstance(t, ast.Name) and t.id in _NO_LOOK_UP for t in assign.targets)
        for node in walk(assign.value)
    }


def _gives_itself(method: FunctionInfo) -> bool:
    """Whether a method may give its object, or its class, to somebody: it says more than `self.name`."""
    parameters = positional(method.node.args)
    static = not parameters or any(d.endswith("staticmethod") for d in method.decorators())
    own = "" if static else parameters[0].arg
    nodes = method.nodes
    asked = {
        id(node.value)
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr not in _MAKING
    }
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id="super"), args=given):
                asked.update(map(id, given))
            case ast.Call(func=ast.Name(id="hasattr" | "setattr" | "delattr"), args=[first, *_]):
                asked.add(id(first))
            case ast.Call(func=ast.Name(id="getattr"), args=[first, name, *_]):
                making = getattr(name, "value", None) in _MAKING
                if not making and _is_only_called(node, method, parents_in(method.node)):
                    asked.add(id(first))
    return any(id(node) not in asked and _is_own(node, own) for node in nodes)


def _is_own(node: ast.AST, own: str) -> bool:
    """Whether it is the object or the class of a method whose first parameter has this name."""
    match node:
        case ast.Name(id=name):
            return name in (own, "__class__")
        case ast.Call(func=ast.Name(id="super")):
            return True
    return False


def _is_only_called(node: ast.expr, method: FunctionInfo, parents: dict[int, ast.AST]) -> bool:
    """Whether a value is called or tested and goes nowhere, by a variable of the method neither."""
    match parents.get(id(node)):
        case ast.Assign(targets=[ast.Name(id=name)]):
            reads = [
                n
                for n in method.nodes
                if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
            ]
            return all(_is_called(read, parents.get(id(read))) for read in reads)
        case parent:
            return _is_called(node, parent)


def _is_called(node: ast.expr, parent: ast.AST | None) -> bool:
    match parent:
        case ast.Call(func=called):
            return called is node
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.If(test=test) | ast.IfExp(test=test):
            return test is node
    return False
