"""Classes that are asked by their names alone: of no other object is a method of theirs meant.

`given.get("name")` is no `MaterialService.get("name")`, a static method, as long as nobody makes an object
of the class, hands it or its method on, or looks it up by a name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from migrator.colour.given_away import without_objects
from migrator.index.definitions import ClassInfo, Import, Module
from migrator.index.open_bases import has_open_base
from migrator.index.project import Project
from migrator.index.signature import positional
from migrator.index.walk import children
from migrator.types.state import State

#: What gives the names of a module, a module by a name of the run, or a class by its method; what runs a text.
_NAMESPACES = frozenset(
    {
        "__dict__", "__globals__", "__import__", "__self__", "eval", "exec", "f_globals", "f_locals", "globals",
        "import_module", "import_string", "load_module", "locals", "locate", "module_from_spec", "resolve_name",
        "run_module", "run_path", "vars",
    }
)  # fmt: skip
_STATIC = "staticmethod"
_OF_THE_CLASS = ([_STATIC], ["classmethod"])


def services(state: State) -> Mapping[str, frozenset[str]]:
    """By the key of each such class, the names by which it, and what is below it, is asked."""
    said = state.names.said
    if not _NAMESPACES.isdisjoint(said) or {"sys", "modules"} <= said:
        return {}
    project = state.project
    handed_on = _in_modules(project, state.taken_modules)
    found = {
        cls.key
        for cls in project.classes.values()
        if not any(c.key in handed_on for c in project.mro(cls)) and _is_service(state, cls)
    }
    # An object of a class below has its methods.
    classes = [
        cls
        for cls in map(project.classes.__getitem__, sorted(found))
        if all(below.key in found for below in project.subclasses(cls))
    ]
    names = {key: _names(state, key) for key in without_objects(state, classes)}
    taken = _uncalled(project)
    return {
        key: asked
        for key, asked in names.items()
        if not any((owner, name) in taken for owner in asked for name in _methods(project, key))
    }


def _uncalled(project: Project) -> set[tuple[str, str]]:
    """What is asked for and not called: the last name of whom, and the attribute's."""
    found: set[tuple[str, str]] = set()
    for module in project.modules.values():
        called = {id(call.func) for call in module.of(ast.Call)}
        for node in module.of(ast.Attribute):
            if id(node) not in called:
                found.add((_last_name(node.value), node.attr))
    return found


def _methods(project: Project, key: str) -> set[str]:
    """The names of the methods of a class and of those around it."""
    cls = project.classes[key]
    return {name for one in _family(project, cls) for name in one.methods}


def _family(project: Project, cls: ClassInfo) -> list[ClassInfo]:
    return [*project.mro(cls), *project.subclasses(cls)]


def _last_name(node: ast.expr | None) -> str:
    """`orders` of `self.orders`; `super` of what `super()` comes to."""
    match node:
        case (
            ast.Name(id=name)
            | ast.Attribute(attr=name)
            | ast.Call(func=ast.Name(id="super" as name))
        ):
            return name
    return ""


def _in_modules(project: Project, names: Iterable[str]) -> set[str]:
    """The keys of the classes that an attribute of one of these modules is, or of a module that it has."""
    found: set[str] = set()
    work = [*names]
    seen = set(work)
    while work:
        module = project.modules.get(work.pop())
        if module is None:
            continue
        below = [name for name in project.modules if name.startswith(f"{module.name}.")]
        for has in _attributes(project, module):
            if isinstance(has, ClassInfo):
                found.add(has.key)
            elif isinstance(has, Module):
                below.append(has.name)
        below += [*module.stars, *(star for stars in module.covering.values() for star in stars)]
        work += [name for name in below if name not in seen]
        seen.update(below)
    return found


def _attributes(project: Project, module: Module) -> Iterable[object]:
    for name, bound in module.bindings.items():
        yield project.imported(bound) if isinstance(bound, Import) else bound
        yield from map(project.imported, module.otherwise.get(name, ()))


def _names(state: State, key: str) -> frozenset[str]:
    """The names of the classes, and of the parameters by which their methods have them."""
    cls = state.project.classes[key]
    family = _family(state.project, cls)
    own = {
        positional(method.node.args)[0].arg
        for one in family
        for method in one.methods.values()
        if positional(method.node.args) and method.decorators() != [_STATIC]
    }
    return frozenset({"super"}.union(own, (one.name for one in family)))


def _is_service(state: State, cls: ClassInfo) -> bool:
    """Whether a class has nothing but what is asked of the class itself, and nothing around it has it."""
    project = state.project
    if has_open_base(project, cls) or project.external_bases(cls):
        return False
    return all(_asks_the_class(state, owner) for owner in project.mro(cls))


def _asks_the_class(state: State, cls: ClassInfo) -> bool:
    if cls.node.decorator_list or cls.node.keywords or "." in cls.key.partition(":")[2]:
        return False
    if cls.key in state.models.by_key or cls.key in state.models.mixins:
        return False
    methods = [*cls.methods.values(), *(m for several in cls.variants.values() for m in several)]
    # Another decorator may keep the function.
    plain = all(method.decorators() in _OF_THE_CLASS for method in methods)
    return plain and _reads_in_body(cls).isdisjoint(cls.methods)


def _reads_in_body(cls: ClassInfo) -> set[str]:
    """The names that the body of a class reads where its methods are functions: `by_name = {"get": get}`."""
    work: list[ast.AST] = [*cls.node.body]
    for node in work:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            work += [*node.decorator_list, node.args]
        else:
            work += children(node)
    return {node.id for node in work if isinstance(node, ast.Name)}


def is_asked(node: ast.Call, names: frozenset[str]) -> bool:
    """Whether a call is one of what has such a name, or of what `super()` comes to."""
    return _last_name(getattr(node.func, "value", None)) in names
