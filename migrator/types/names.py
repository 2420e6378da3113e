"""From names and annotations to types: what is known before any flow is followed."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace

from migrator.index.definitions import (
    ClassInfo,
    ExternalName,
    FunctionInfo,
    Module,
    Resolved,
    Variable,
)
from migrator.index.project import Project
from migrator.index.session_classes import SESSION_CLASSES, is_session_class
from migrator.queries.types import (
    NONE,
    OPAQUE,
    UNKNOWN,
    ClassType,
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
    Query,
    Session,
    SessionFactory,
    TupleOf,
    Type,
    Union,
)
from migrator.types.lattice import Value
from migrator.types.state import State

SESSION_FACTORIES = frozenset(
    {"sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.session.sessionmaker"}
)
QUERY_CLASSES = (
    "sqlalchemy.orm.Query",
    "sqlalchemy.orm.query.Query",
    "flask_sqlalchemy.BaseQuery",
    "flask_sqlalchemy.query.Query",
    "flask_sqlalchemy.SQLAlchemy().Query",
)
DB_CLASSES = ("flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.extension.SQLAlchemy")
#: The classes of other extensions whose objects are a `db`, and what `Db.of` says of them.
EXTENSIONS = {
    "flask_sqlalchemy_lite.SQLAlchemy": "lite",
    "flask_sqlalchemy_lite._extension.SQLAlchemy": "lite",
    "alchemical.flask.Alchemical": "alchemical",
    "sqlalchemy_helpers.flask_ext.DatabaseExtension": "helpers",
    "sqlalchemy_helpers.DatabaseManager": "manager",
    "sqlalchemy_helpers.manager.DatabaseManager": "manager",
}
#: The distributions whose sessions are converted, or have been.
_CONVERTED = ("sqlalchemy.", "migrator.", *DB_CLASSES, *EXTENSIONS)
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_PLAIN = frozenset({"str", "int", "float", "bool", "bytes", "complex"})
#: Modules whose classes say what can be done with a value and not what it is: a `Callable` may be
#: any function of the repository, an `Iterable` any object that has an `__iter__`.
_ABSTRACT = frozenset({"typing", "typing_extensions", "collections.abc", "types"})
_LISTS = frozenset(
    {"list", "set", "frozenset", "sequence", "iterable", "iterator", "collection", "generator"}
)
SESSION_NAMES = frozenset({"session", "db_session", "sess", "dbsession", "sa_session", "db_sess"})


def static_type(state: State, found: Resolved, text: str) -> Value:
    """The type of what a module-level name stands for; `text` is its spelling at hand."""
    match found:
        case Module():
            return ModuleType(found.name)
        case ClassInfo():
            return class_type(state, found, text)
        case FunctionInfo():
            return Function(found.key)
        case ExternalName(name):
            return External(name)
        case Variable(module, name):
            return respell(state.read("variables", (module, name)), text, module, name)
    return None


def respell(value: Value, text: str, module: str, name: str) -> Value:
    """Give a module-level session or extension the spelling that it has at hand."""
    if isinstance(value, Db):
        return replace(value, text=text)
    if isinstance(value, Session):
        return replace(value, text=text, name=value.name or f"{module}:{name}")
    return value


def class_type(state: State, cls: ClassInfo, text: str) -> Value:
    if cls.key in state.models.by_key or mapped_below(state, cls):
        model = state.models.by_key.get(cls.key)
        return ModelType(cls.key, text, model.joins if model is not None else True)
    return ClassType(cls.key)


def class_behind(state: State, option: Type, text: str) -> Value:
    """The class of an object, `type(self)` and `self.__class__`: the one at hand, or one below."""
    model = state.models.by_key.get(option.key) if isinstance(option, Instance) else None
    if model is not None:
        return ModelType(model.key, text, model.joins)
    return ClassType(option.key) if isinstance(option, Object) else UNKNOWN


def mapped_below(state: State, cls: ClassInfo) -> list[str]:
    """Keys of the mapped classes that have `cls` as an ancestor: cls is a mixin or a base."""
    known = state.models.mixins.get(cls.key)
    return known if known is not None else []


def mapped_root(state: State, key: str) -> str:
    """The key of the mapped class that a mapped class derives from in the end; its own without one."""
    cls = state.project.classes.get(key)
    above = state.project.mro(cls) if cls is not None else ()
    return next((c.key for c in reversed(above) if c.key in state.models.by_key), key)


def instance_type(state: State, cls: ClassInfo) -> Value:
    """What constructing the class gives."""
    if cls.key in state.models.by_key or mapped_below(state, cls):
        return Instance(cls.key)
    return Object(cls.key)


def is_query_class(state: State, cls: ClassInfo) -> bool:
    """Whether a class of the repository derives from SQLAlchemy's Query, by all that is seen of it.

    What queries are made of is one, though its bases be another distribution's or a condition's.
    """
    by_base = any(base in QUERY_CLASSES for base in state.project.external_bases(cls))
    return by_base or state.query_classes.stands_for(cls)


def extension_of(state: State, found: Resolved, text: str = "db") -> Db | None:
    """An object of Flask-SQLAlchemy's class, or another extension's, or one below; None of any other."""
    names = state.project.external_bases(found) if isinstance(found, ClassInfo) else []
    if isinstance(found, ExternalName):
        names = [found.dotted]
    of = next((EXTENSIONS[name] for name in names if name in EXTENSIONS), "")
    return Db(text, of=of) if of or any(name in DB_CLASSES for name in names) else None


def made_by(project: Project, variable: Variable) -> str:
    """The class of another distribution whose object a module's variable is, or which its class is below.

    "" for anything else, and for what is converted, or has been.
    """
    if not isinstance(variable.value, ast.Call):
        return ""
    made = project.resolve(project.modules[variable.module], variable.value.func)
    if isinstance(made, ClassInfo):
        named = project.external_bases(made)
    else:
        named = [made.dotted] if isinstance(made, ExternalName) else []
    strange = (n for n in named if not _is_pythons(n) and not n.startswith(_CONVERTED))
    return next(strange, "")


def _is_pythons(base: str) -> bool:
    top, _, rest = base.partition(".")
    return not rest or top in sys.stdlib_module_names


def annotation_type(state: State, module: Module, node: ast.expr | None, text: str = "") -> Value:
    """The type that an annotation states; None when it says nothing that we follow."""
    if node is None:
        return None
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NONE
        if isinstance(node.value, str):
            try:
                return annotation_type(state, module, ast.parse(node.value, mode="eval").body, text)
            except SyntaxError:
                return None
        return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _either(
            annotation_type(state, module, node.left, text),
            annotation_type(state, module, node.right, text),
        )
    if isinstance(node, ast.Subscript):
        return _generic(state, module, node, text)
    found = state.project.resolve(module, node)
    extension = extension_of(state, found, text)
    if extension is not None:
        return replace(extension, key=found.key) if isinstance(found, ClassInfo) else extension
    if isinstance(found, ClassInfo):
        if is_query_class(state, found):
            return Query((), cls=found.key)
        if _PROTOCOLS & {name.rpartition("[")[0] or name for name in _bases(state, found)}:
            return None  # whatever has its methods, by whichever class
        if is_session_class(state.project, found):
            return Session(text)
        return instance_type(state, found)
    if isinstance(found, Variable):
        return Query(()) if means_query(state, module, node) else None
    name = found.dotted if isinstance(found, ExternalName) else ""
    if name in SESSION_CLASSES:
        return Session(text)
    if name in QUERY_CLASSES:
        return Query(())
    if name in SESSION_FACTORIES:
        return SessionFactory(text)
    if isinstance(found, ExternalName):
        return None if name.rpartition(".")[0] in _ABSTRACT else Opaque(name)
    if isinstance(node, ast.Name) and node.id in _PLAIN:
        return Opaque(node.id)
    return None


def means_query(
    state: State, module: Module, node: ast.expr | None, seen: frozenset[Variable] = frozenset()
) -> bool:
    """Whether a type is a query's, by whichever names: `OrderQuery = "Query[Order]"`, a TypeVar."""
    match node:
        case ast.Constant(value=str() as text):
            try:
                return means_query(state, module, ast.parse(text, mode="eval").body, seen)
            except SyntaxError:
                return False
        case ast.Subscript(value=generic):
            return means_query(state, module, generic, seen)
        case ast.Call(keywords=keywords) if seen:
            bounds = [k.value for k in keywords if k.arg == "bound"]
            return any(means_query(state, module, bound, seen) for bound in bounds)
        case ast.Name() | ast.Attribute():
            found = state.project.resolve(module, node)
            if isinstance(found, Variable) and found not in seen:
                home = state.project.modules[found.module]
                return means_query(state, home, found.value, seen | {found})
            if isinstance(found, ClassInfo):
                return is_query_class(state, found)
            return isinstance(found, ExternalName) and found.dotted in QUERY_CLASSES
    return False


def _bases(state: State, cls: ClassInfo) -> frozenset[str]:
    return frozenset(state.project.external_bases(cls))


def _generic(state: State, module: Module, node: ast.Subscript, text: str) -> Value:
    name = ""
    if isinstance(node.value, ast.Name):
        name = node.value.id
    elif isinstance(node.value, ast.Attribute):
        name = node.value.attr
    found = state.project.resolve(module, node.value)
    if isinstance(found, ExternalName) and found.dotted in QUERY_CLASSES:
        return Query(())
    if isinstance(found, ExternalName) and found.dotted in SESSION_FACTORIES:
        return SessionFactory(text)
    if isinstance(found, ExternalName) and found.dotted in SESSION_CLASSES:
        return Session(text)
    low = name.lower()
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    inner = [annotation_type(state, module, item, text) for item in items]
    if low == "optional":
        return _either(inner[0], NONE)
    if low == "union":
        result: Value = inner[0]
        for other in inner[1:]:
            result = _either(result, other)
        return result
    if low == "callable":
        # A factory, by whichever means it makes them.
        return SessionFactory(text) if isinstance(inner[-1], Session) else None
    if low in _LISTS and inner[0] is not None:
        return ListOf(inner[0])
    if low == "tuple" and all(i is not None for i in inner):
        return TupleOf(tuple(i for i in inner if i is not None))
    if low in ("dict", "mapping") and len(inner) == 2:
        return DictOf(inner[0] or OPAQUE, inner[1]) if inner[1] is not None else None
    if name == "scoped_session":
        return Session(text)
    if name in ("Annotated", "Final", "ClassVar"):
        return inner[0]
    return None


def _either(a: Value, b: Value) -> Value:
    if a is None or b is None:
        return None
    if a == b:
        return a
    left = a.options if isinstance(a, Union) else frozenset({a})
    right = b.options if isinstance(b, Union) else frozenset({b})
    return Union(left | right)
