"""Custom query classes and listeners: what makes a repository's queries more than SQLAlchemy's.

Found by name: `query_class=` and `query_cls=` in any call or dict, `query_class = ...` in the body
of a class, and the events that only a legacy Query fires.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.index.compile_listeners import EVENT, add_criteria_only
from migrator.index.definitions import ClassInfo, ExternalName, Module, dotted
from migrator.index.project import Project
from migrator.index.session_classes import is_registry_class, is_session_class
from migrator.index.walk import walk

_KEYWORDS = frozenset({"query_class", "query_cls"})
_RELATIONSHIPS = frozenset({"relationship", "backref", "dynamic_loader"})
#: Events that executing a select, an UPDATE or a DELETE doesn't fire.
_EVENTS = frozenset(
    {
        EVENT,
        "before_compile_update",
        "before_compile_delete",
        "after_bulk_update",
        "after_bulk_delete",
    }
)
_MARKS = ("query_class", "query_cls", "query_property", "metaclass", *_EVENTS)


class QueryClasses:
    """What the repository makes of its queries.

    `everywhere`: the classes of all queries of a session; `dynamic`: those of dynamic
    relationships besides. A class that is not the repository's is an ExternalName. `registries`: whose
    `query_property()` classes are given, with the modules that say so. `of_models`: the keys of the
    repository's classes that some model names, whatever they derive from. `of_metaclasses`: a metaclass that
    some call is given has a `query` for the classes that it makes. `of_sessions`: what some class of sessions
    has of its own; `of_registries`: what some class of registries has. `adds_criteria`: the listeners for
    `before_compile` do nothing else to a query.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.everywhere: list[ClassInfo | ExternalName] = []
        self.dynamic: list[ClassInfo | ExternalName] = []
        self.events: frozenset[str] = frozenset()
        self.adds_criteria = True
        self.registries: list[tuple[Module, ast.expr]] = []
        self.of_models: set[str] = set()
        self.of_metaclasses = False
        for module in project.modules.values():
            if any(module.source.says(mark) for mark in _MARKS):
                self._read(module)
        for cls in project.classes.values():
            named = self._said_by(cls)
            if isinstance(named, ClassInfo):
                self.of_models.add(named.key)
        own = [cls for cls in project.classes.values() if is_session_class(project, cls)]
        self.of_sessions = _own_names(own)
        self.of_registries = _own_names([cls for cls in own if is_registry_class(project, cls)])

    def stands_for(self, cls: ClassInfo) -> bool:
        """Whether the queries of a model, or of every one, are made of this class by its name."""
        return cls.key in self.of_models or cls in (*self.everywhere, *self.dynamic)

    def of_model(self, cls: ClassInfo) -> list[ClassInfo | ExternalName]:
        """The class of `Model.query`: the model's own, or that of every query."""
        for ancestor in self.project.mro(cls):
            named = self._said_by(ancestor)
            if named is not None:
                return [named]
        return self.everywhere

    def from_metaclass(self, cls: ClassInfo) -> bool:
        """Whether the metaclass of a model has a `query`, which goes before the model's own."""
        made_by = self.project.metaclass(cls)
        return self.of_metaclasses or (made_by is not None and self._says_query(made_by))

    def _says_query(self, cls: ClassInfo) -> bool:
        return any("query" in (*c.methods, *c.attributes) for c in self.project.mro(cls))

    def _said_by(self, cls: ClassInfo) -> ClassInfo | ExternalName | None:
        """`query_class = OrderQuery` in the body of a class, or `class query_class(Query)`."""
        if "query_class" in cls.attributes:
            return self._class(cls, cls.attributes["query_class"][1])
        return self.project.classes.get(f"{cls.key}.query_class")

    def _class(self, owner: ClassInfo, value: ast.expr | None) -> ClassInfo | ExternalName:
        if isinstance(value, ast.Name):
            # A class in the body of the model.
            inner = f"{owner.key}.{value.id}"
            if inner in self.project.classes:
                return self.project.classes[inner]
        return self._named(owner.module, value)

    def _named(self, module: Module, value: ast.expr | None) -> ClassInfo | ExternalName:
        found = self.project.resolve(module, value) if value is not None else None
        if isinstance(found, ClassInfo | ExternalName):
            return found
        return ExternalName(dotted(value) if value is not None else "?")

    def _read(self, module: Module) -> None:
        assert module.source.tree is not None
        if module.source.says(EVENT):
            self.adds_criteria &= add_criteria_only(module.source.tree)
        for node in walk(module.source.tree):
            match node:
                case ast.Call():
                    last = dotted(node.func).rpartition(".")[2]
                    if isinstance(node.func, ast.Attribute) and last == "query_property":
                        self.registries.append((module, node.func.value))
                    for keyword in node.keywords:
                        if keyword.arg in _KEYWORDS:
                            found = self._named(module, keyword.value)
                            of_relation = last in _RELATIONSHIPS
                            (self.dynamic if of_relation else self.everywhere).append(found)
                        elif keyword.arg == "metaclass":
                            found = self._named(module, keyword.value)
                            of_class = isinstance(found, ClassInfo) and self._says_query(found)
                            self.of_metaclasses |= of_class
                    if last in ("listens_for", "listen"):
                        self.events |= _EVENTS & set(_texts(node))
                case ast.Dict():
                    for key, value in zip(node.keys, node.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value in _KEYWORDS:
                            self.everywhere.append(self._named(module, value))
                case _:
                    pass


def _own_names(classes: Iterable[ClassInfo]) -> frozenset[str]:
    return frozenset(name for cls in classes for name in (*cls.methods, *cls.attributes))


def _texts(call: ast.Call) -> Iterator[str]:
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value
