"""Class-based views that the framework alone makes: no receiver of unknown type is an object of theirs.

`given.get("name")` is no `get(self, name)` of a resource as long as nobody but Flask makes one, and
none gives itself away.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.index.definitions import ClassInfo, FunctionInfo, Import, Module
from migrator.index.project import Project
from migrator.index.signature import positional
from migrator.index.walk import walk
from migrator.types.state import State

#: Bases by whose own code a request makes an object, and nobody else does.
_VIEWS = frozenset(
    {
        "flask.views.MethodView", "flask.views.View",
        "apiflask.views.MethodView", "apiflask.views.View",
        "flask_restful.Resource", "flask_restx.Resource", "flask_restplus.Resource",
        "flask_apispec.MethodResource", "flask_apispec.views.MethodResource",
    }
)  # fmt: skip
#: What gives an object of a class, the class of an object, or the classes below.
_MAKING = frozenset({"__call__", "__class__", "__dict__", "__new__", "__subclasses__", "mro"})
#: Names by which code comes by the classes of views that it doesn't say the names of.
_LISTING = frozenset({"__subclasses__", "view_class"})
#: What gives the classes above a class.
_ABOVE = frozenset({"__base__", "__bases__", "__mro__", "getmro", "mro", "view_class"})
#: A text that may be looked up as a name.
_PATH = re.compile(r"[\w.:]+")


def framework_views(state: State) -> frozenset[str]:
    """The keys of these classes."""
    project = state.project
    views = [
        c for c in project.classes.values() if not _VIEWS.isdisjoint(project.external_bases(c))
    ]
    if not views:
        return frozenset()
    names = {cls.name for cls in views}
    modules = project.modules.values()
    loose = {name for module in modules for name in _used(project, module, names)}
    loose |= {cls.name for cls in views if any(map(_gives_itself, cls.methods.values()))}
    if not _LISTING.isdisjoint(state.names.said) and _may_list(state, views):
        return frozenset()
    return frozenset(
        cls.key
        for cls in views
        if loose.isdisjoint(c.name for c in _family(state, cls)) and "<locals>" not in cls.key
    )


def _family(state: State, cls: ClassInfo) -> Iterator[ClassInfo]:
    for below in (cls, *state.project.subclasses(cls)):
        yield from state.project.mro(below)


def _may_list(state: State, views: list[ClassInfo]) -> bool:
    """Whether `__subclasses__()` may be asked of a class above a view: code has to come by such a class."""
    if not _ABOVE.isdisjoint(state.names.said):
        return True
    project = state.project
    above = {known.name for cls in views for known in project.mro(cls) if known not in views}
    above |= {b.rpartition(".")[2] for cls in views for b in project.external_bases(cls)}
    above.add("object")
    return any(True for module in project.modules.values() for _ in _used(project, module, above))


def _used(project: Project, module: Module, names: set[str]) -> Iterator[str]:
    """Those of the names that a module uses for more than registering, deriving and what they have.

    What it knows as another class of the repository is none of them.
    """
    said: list[tuple[ast.expr, str]] = [(n, n.id) for n in module.of(ast.Name) if n.id in names]
    said += [(n, n.attr) for n in module.of(ast.Attribute) if n.attr in names]
    if said:
        registered = _registered(module)
        own = _brought(project, module)
        for node, name in said:
            if id(node) not in registered and (
                name in own or not _is_other(project.resolve(module, node), project)
            ):
                yield name
    for alias in module.of(ast.alias):
        if alias.asname is not None and (last := alias.name.rpartition(".")[2]) in names:
            yield last
    exported = _exported(module)
    for text in module.of(ast.Constant):
        if id(text) in exported:
            continue
        if isinstance(text.value, str) and (parts := _PATH.fullmatch(text.value)):
            yield from names.intersection(re.split("[.:]", parts[0]))


def _is_other(found: object, project: Project) -> bool:
    """Whether it is a class of the repository that no request makes an object of."""
    return isinstance(found, ClassInfo) and _VIEWS.isdisjoint(project.external_bases(found))


def _brought(project: Project, module: Module) -> set[str]:
    """The names by which imports, wherever they stand, may bring a view or something that is not known."""
    return {
        alias.asname or alias.name
        for node in module.of(ast.ImportFrom)
        for alias in node.names
        if not _is_other(
            project.imported(Import(module.absolute(node.module, node.level), alias.name)), project
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
    """Ids of the texts in `__all__`."""
    return {
        id(node)
        for assign in module.of(ast.Assign)
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in assign.targets)
        for node in walk(assign.value)
    }


def _gives_itself(method: FunctionInfo) -> bool:
    """Whether a method may give its object, or its class, to somebody: it says more than `self.name`."""
    parameters = positional(method.node.args)
    if not parameters or any(d.endswith("staticmethod") for d in method.decorators()):
        return False
    own = parameters[0].arg
    asked = {
        id(node.value)
        for node in walk(method.node)
        if isinstance(node, ast.Attribute) and node.attr not in _MAKING
    }
    for node in walk(method.node):
        match node:
            case ast.Call(func=ast.Name(id="super"), args=given):
                asked.update(map(id, given))
    return any(
        isinstance(node, ast.Name) and node.id == own and id(node) not in asked
        for node in walk(method.node)
    )
