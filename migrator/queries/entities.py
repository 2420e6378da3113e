"""What a query selects: each argument of `query()` or `select()` as an entity or a column."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from migrator.queries.expressions import column_call, external_call, is_aggregate
from migrator.queries.step import TypeOf
from migrator.queries.types import (
    OPAQUE,
    UNKNOWN,
    Alias,
    Column,
    External,
    Instance,
    ModelType,
    RelationshipAttribute,
    Row,
    Selectable,
    Selected,
    Type,
)

#: A label that we can't read off: a column held in a variable.
UNREADABLE = "?"
_SAME_VALUE = ("label", "desc", "asc", "distinct", "collate", "filter")


def classify(node: ast.expr, typeof: TypeOf) -> Selected:
    """One selected thing; kind "unknown" where the type says nothing."""
    found = _classify(node, typeof)
    if found.of and any(
        isinstance(n, ast.Name) and isinstance(typeof(n), Alias) for n in ast.walk(node)
    ):
        return replace(found, alias=True)
    return found


def _classify(node: ast.expr, typeof: TypeOf) -> Selected:
    text = ast.unparse(node)
    if isinstance(node, ast.Call):
        return _classify_call(node, typeof, text)
    match typeof(node):
        case ModelType() | Alias() as entity:
            return _entity(entity, text)
        case Column() as column:
            return _column(node, column, typeof)
        case Selectable():
            return Selected("table", text=text, label=UNREADABLE, unhashable=True)
    if _is_subquery_column(node, typeof):
        assert isinstance(node, ast.Attribute)
        return Selected("column", text=text, label=node.attr, unhashable=True)
    if isinstance(node, ast.BinOp) and is_aggregate(node, typeof):
        return Selected("aggregate", text=text)
    return Selected("unknown", text=text, unhashable=True)


def _classify_call(node: ast.Call, typeof: TypeOf, text: str) -> Selected:
    if isinstance(node.func, ast.Attribute) and node.func.attr in _SAME_VALUE:
        inner = classify(node.func.value, typeof)
        if inner.kind in ("column", "aggregate"):
            label = ""
            if node.func.attr == "label":
                name = node.args[0] if node.args else None
                literal = isinstance(name, ast.Constant) and isinstance(name.value, str)
                label = name.value if literal else UNREADABLE  # type: ignore[union-attr]
            return replace(inner, text=text, label=label)
    known = typeof(node)
    if not isinstance(known, Column | Alias | ModelType | Selectable):
        known = _called(node, typeof) or known
    match known:
        case ModelType() | Alias() as entity:
            return _entity(entity, text)
        case Column() as column:
            aggregate = column.aggregate or is_aggregate(node, typeof)
            called = _called(node, typeof)
            unhashable = called.unhashable if isinstance(called, Column) else column.unhashable
            return Selected(
                "aggregate" if aggregate else "column", "", text, "", unhashable, column.key
            )
        case Selectable():
            return Selected("table", text=text, label=UNREADABLE, unhashable=True)
    return Selected("unknown", text=text, unhashable=True)


def _entity(entity: ModelType | Alias, text: str) -> Selected:
    name = entity.key.rpartition(".")[2].rpartition(":")[2]
    return Selected("entity", entity.key, text, name, alias=isinstance(entity, Alias))


def _called(node: ast.Call, typeof: TypeOf) -> Type | None:
    target = typeof(node.func)
    if isinstance(target, External):
        return external_call(target.dotted, node, typeof)
    if isinstance(node.func, ast.Attribute):
        owner = typeof(node.func.value)
        if isinstance(owner, Column | RelationshipAttribute):
            return column_call(owner, node.func.attr, node)
    return None


def _column(node: ast.expr, column: Column, typeof: TypeOf) -> Selected:
    kind = "aggregate" if column.aggregate or is_aggregate(node, typeof) else "column"
    if isinstance(node, ast.Attribute) and isinstance(
        typeof(node.value), ModelType | Alias | Selectable
    ):
        label = node.attr
    elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        label = UNREADABLE
    else:
        label = ""
    return Selected(kind, "", ast.unparse(node), label, column.unhashable, column.key)


def _is_subquery_column(node: ast.expr, typeof: TypeOf) -> bool:
    """`sq.c.total`, `table.columns.id`."""
    match node:
        case ast.Attribute(value=ast.Attribute(value=owner, attr="c" | "columns")):
            return isinstance(typeof(owner), Selectable)
    return False


def classify_all(nodes: Sequence[ast.expr], typeof: TypeOf) -> tuple[Selected, ...]:
    """All arguments of a call; a starred one makes the whole unknown (the empty tuple)."""
    if any(isinstance(node, ast.Starred) for node in nodes):
        return ()
    return tuple(classify(node, typeof) for node in nodes)


def has_entity(selects: Iterable[Selected]) -> bool:
    return any(s.kind == "entity" for s in selects)


def is_known(selects: Sequence[Selected]) -> bool:
    """Whether it is known if a row is one entity, or a tuple, and whether entities are in it."""
    return bool(selects) and all(s.kind != "unknown" for s in selects)


def item_of(
    selected: Selected, loaded: frozenset[str] = frozenset(), partial: bool = False
) -> Type:
    """The Python value of one selected thing."""
    match selected.kind:
        case "entity":
            return Instance(selected.key, loaded, partial=partial)
        case "column" | "aggregate":
            return OPAQUE
    return UNKNOWN


def row_type(
    selects: tuple[Selected, ...],
    loaded: frozenset[str] = frozenset(),
    partial: bool = False,
    *,
    legacy: bool = False,
) -> Type:
    """What one result of a query over these is.

    A lone entity is an instance for a legacy query; everything else is a Row.
    """
    if not selects:
        return UNKNOWN
    if legacy and len(selects) == 1 and selects[0].kind == "entity":
        return item_of(selects[0], loaded, partial)
    if any(s.kind in ("table", "unknown") for s in selects):
        return Row((), (), renamed=legacy) if is_known(selects) else UNKNOWN
    first = True
    items: list[Type] = []
    for selected in selects:
        # Loader options were recorded for the lead entity.
        items.append(item_of(selected, loaded if first else frozenset(), partial))
        first = first and selected.kind != "entity"
    names = tuple(s.label for s in selects)
    return Row(tuple(items), names, renamed=legacy and _renamed(names))


def _renamed(names: tuple[str, ...]) -> bool:
    unclear = "" in names or (UNREADABLE in names and len(names) > 1)
    return unclear or len(set(names)) < len(names)
