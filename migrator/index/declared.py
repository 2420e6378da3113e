"""What makes a class a declarative one besides its bases: a decorator, its metaclass, its table."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.index.definitions import ClassInfo, dotted

#: Endings of the dotted names of what makes the classes below it mapped.
DECLARATIVE = (
    "SQLAlchemy().Model",
    "declarative_base",
    "generate_base",
    "automap_base",
    "DeclarativeBase",
    "DeclarativeBaseNoMeta",
    "MappedAsDataclass",
    "DeclarativeMeta",
    "as_declarative",
    "registry.mapped",
    "Alchemical().Model",
    "alchemical.Model",
    "alchemical.core.Model",
    "alchemical.flask.Model",
    "sqlalchemy_helpers.Base",
    "sqlalchemy_helpers.manager.Base",
    "sqlalchemy_helpers.get_base",
    "sqlalchemy_helpers.manager.get_base",
)
#: A class with one of these of its own is the base of the mapped ones, and not mapped itself.
BASE_ITSELF = ("DeclarativeBase", "DeclarativeBaseNoMeta", "DeclarativeMeta", "as_declarative")
_DECORATORS = {
    "as_declarative": "sqlalchemy.orm.as_declarative",
    "as_declarative_base": "sqlalchemy.orm.as_declarative",
    "mapped": "sqlalchemy.orm.registry.mapped",
    "mapped_as_dataclass": "sqlalchemy.orm.registry.mapped",
}
_TABLE = frozenset({"__tablename__", "__table__"})
#: What makes an attribute of a mapped class.
_MEMBERS = frozenset(
    {
        "Column", "association_proxy", "column_property", "composite", "deferred", "mapped_column",
        "query_expression", "relation", "relationship", "synonym",
    }
)  # fmt: skip


def declared_by(node: ast.ClassDef) -> list[str]:
    """What its decorators and its metaclass make of a class, as dotted names of SQLAlchemy."""
    found = [
        _DECORATORS[last]
        for decorator in node.decorator_list
        if (last := _last(decorator)) in _DECORATORS
        and (last.startswith("as_") or _TABLE & {t.id for s in node.body for t in _targets(s)})
    ]
    found += [
        "sqlalchemy.orm.DeclarativeMeta"
        for keyword in node.keywords
        if keyword.arg == "metaclass" and _last(keyword.value) == "DeclarativeMeta"
    ]
    return found


def has_table(cls: ClassInfo) -> bool:
    """Whether a class says itself which table it is mapped to."""
    return bool(_TABLE & (cls.attributes.keys() | cls.methods.keys()))


def has_members(cls: ClassInfo) -> bool:
    """Whether columns or relationships are written in the body of a class."""
    return any(makes_member(value) for _, value in cls.attributes.values())


def makes_base(value: ast.expr) -> bool:
    """Whether a call makes a declarative base: `declarative_base(cls=Base)`."""
    return isinstance(value, ast.Call) and _last(value) in DECLARATIVE


def makes_member(value: ast.expr | None) -> bool:
    """Whether a value is called for to be an attribute of a mapped class."""
    return isinstance(value, ast.Call) and _last(value) in _MEMBERS


def is_enumeration(bases: Iterable[str]) -> bool:
    """Whether a class with these bases from elsewhere is an `Enum`."""
    return any(base.startswith("enum.") for base in bases)


def dataclass_methods(bases: Iterable[str], cls: ClassInfo) -> frozenset[str]:
    """Which of "repr" and "eq" `dataclass` makes for a mapped class; `bases` are its external ones."""
    keywords: list[ast.keyword] | None = None
    if any(base.endswith("MappedAsDataclass") for base in bases):
        keywords = cls.node.keywords
    for decorator in cls.node.decorator_list:
        if _last(decorator) in ("dataclass", "mapped_as_dataclass"):
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    if keywords is None:
        return frozenset()
    off = {k.arg for k in keywords if isinstance(k.value, ast.Constant) and not k.value.value}
    return frozenset({"repr", "eq"} - off)


def on_given_extension(cls: ClassInfo) -> str:
    """The name `db` that a function is given which makes `class Order(db.Model)`; "" of any other class.

    Its members are `db.Column(...)` and the like: whoever calls the function says which extension it is.
    """
    for base in cls.node.bases if "<locals>" in cls.key else ():
        match base:
            case ast.Attribute(value=ast.Name(id=name), attr="Model"):
                for statement in cls.node.body:
                    if isinstance(statement, ast.Assign | ast.AnnAssign):
                        made = statement.value
                        called = dotted(made.func) if isinstance(made, ast.Call) else ""
                        if makes_member(made) and called.startswith(f"{name}."):
                            return name
    return ""


def _targets(statement: ast.stmt) -> Iterator[ast.Name]:
    given = statement.targets if isinstance(statement, ast.Assign) else []
    yield from (target for target in given if isinstance(target, ast.Name))


def _last(node: ast.expr | None) -> str:
    """The last part of the name of what is called, or stands there uncalled."""
    if isinstance(node, ast.Call):
        node = node.func
    return dotted(node).rpartition(".")[2] if node is not None else ""
