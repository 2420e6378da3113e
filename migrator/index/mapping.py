"""The syntax of a mapping: annotations, relationship calls and their arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Literal

from migrator.index.definitions import Import, Module, dotted
from migrator.index.walk import walk

#: Classes of collections, and what makes classes of dicts.
_LISTS = frozenset({"list", "set", "ordering_list", "OrderingList"})
_DICTS = frozenset(
    {
        "dict", "attribute_keyed_dict", "column_keyed_dict", "keyfunc_mapping", "KeyFuncDict",
        "attribute_mapped_collection", "column_mapped_collection", "mapped_collection",
        "MappedCollection",
    }
)  # fmt: skip

#: What leaves the order of a column whole: functions of it, and methods.
_DIRECTIONS = frozenset(
    {"asc", "desc", "nulls_first", "nulls_last", "nullsfirst", "nullslast"}
)  # fmt: skip


def word_of(func: ast.expr, module: Module) -> str:
    """The last word of what is called, as those call it who have made it: `import relationship as rel`."""
    imported = module.bindings.get(func.id) if isinstance(func, ast.Name) else None
    if isinstance(imported, Import) and imported.name:
        return imported.name
    return dotted(func).rpartition(".")[2]


def relationship_call(value: ast.expr | None, module: Module) -> ast.Call | None:
    """The call that makes a relationship, or None."""
    made = word_of(value.func, module) if isinstance(value, ast.Call) else ""
    known = made in ("relationship", "relation", "dynamic_loader")
    return value if known and isinstance(value, ast.Call) else None


def mapped_wrapper(annotation: ast.expr | None) -> str:
    """`Mapped` of `Mapped[int]`, `DynamicMapped`, `WriteOnlyMapped`; "" for any other annotation."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return ""
    if isinstance(annotation, ast.Subscript):
        name = dotted(annotation.value).rpartition(".")[2]
        if name in ("Mapped", "DynamicMapped", "WriteOnlyMapped", "Relationship"):
            return name
    return ""


def mapped_annotation(annotation: ast.expr | None) -> bool:
    """Whether an annotation is `Mapped[...]`."""
    return mapped_wrapper(annotation) == "Mapped"


def mapped_inner(annotation: ast.expr | None) -> ast.expr | None:
    """What a mapped annotation is about."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    if mapped_wrapper(annotation) and isinstance(annotation, ast.Subscript):
        return annotation.slice
    return None


def unwrap_collection(node: ast.expr) -> tuple[ast.expr, bool]:
    """`List["X"]` → (X, True); `Optional[X]`, `X | None` → (X, False)."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return unwrap_collection(ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return node, False
    if isinstance(node, ast.Subscript):
        name = dotted(node.value).rpartition(".")[2].lower()
        if name == "optional":
            return unwrap_collection(node.slice)
        if name in ("list", "set", "sequence", "collection", "mutablesequence", "dict"):
            item = node.slice
            if isinstance(item, ast.Tuple):
                item = item.elts[-1]
            return item, True
        if name == "union" and isinstance(node.slice, ast.Tuple):
            return unwrap_collection(node.slice.elts[0])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return unwrap_collection(node.left)
    return node, False


def keyword_text(call: ast.Call | None, name: str) -> str:
    """The text of a constant keyword argument, "" where there is none."""
    if call is not None:
        for keyword in call.keywords:
            if keyword.arg == name and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return ""


def collection(call: ast.Call) -> Literal["list", "dict", ""]:
    """What a relationship's `collection_class` holds its objects in."""
    given = next((k.value for k in call.keywords if k.arg == "collection_class"), None)
    if given is None:
        return "list"
    name = dotted(given.func if isinstance(given, ast.Call) else given).rpartition(".")[2]
    if name in _LISTS:
        return "list"
    return "dict" if name in _DICTS else ""


def compared(call: ast.Call) -> list[tuple[str, str]]:
    """The (class, column) names in a relationship's `primaryjoin`; "" for those of its own class."""
    condition = next((k.value for k in call.keywords if k.arg == "primaryjoin"), None)
    if isinstance(condition, ast.Constant) and isinstance(condition.value, str):
        try:
            condition = ast.parse(condition.value, mode="eval").body
        except SyntaxError:
            return []
    found: list[tuple[str, str]] = []
    for node in walk(condition) if condition is not None else ():
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            found.append((dotted(node.value).rpartition(".")[2], node.attr))
        elif isinstance(node, ast.Name):
            found.append(("", node.id))
    return found


def order_columns(call: ast.Call) -> set[str]:
    """The names of the columns by which `order_by` orders, as they are or downwards."""
    return {name for k in call.keywords if k.arg == "order_by" for name in _columns(k.value)}


def _columns(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            try:
                yield from _columns(ast.parse(text.strip(), mode="eval").body)
            except SyntaxError:
                return
        case ast.Lambda(body=body):
            yield from _columns(body)
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            for each in elts:
                yield from _columns(each)
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[]) if name in _DIRECTIONS:
            yield from _columns(inner)
        case ast.Call(func=func, args=[inner]) if dotted(func).rpartition(".")[2] in _DIRECTIONS:
            yield from _columns(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            yield name


def has_keyword(call: ast.Call, name: str) -> bool:
    """Whether a call has a keyword argument."""
    return any(k.arg == name for k in call.keywords)


def lazy_name(value: str) -> str:
    """SQLAlchemy's loader name for what `lazy=` may be."""
    return {"True": "select", "False": "joined", "None": "noload"}.get(value, value)


def snake_case(name: str) -> str:
    """Flask-SQLAlchemy's camel_to_snake_case."""
    name = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name)
    return name.lower().lstrip("_")


def listens_for_set(decorator: ast.Call) -> bool:
    """`@event.listens_for(Model.name, "set")`."""
    match decorator.args:
        case [ast.Attribute(), ast.Constant(value="set"), *_]:
            return True
    return False
