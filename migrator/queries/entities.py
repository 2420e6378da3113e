"""What a query selects: each argument of `query()` or `select()` as an entity or a column."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from migrator.index.walk import walk
from migrator.index.written import written
from migrator.queries.expressions import column_call, external_call, is_aggregate
from migrator.queries.step import TypeOf
from migrator.queries.types import (
    ALIASED,
    OPAQUE,
    UNKNOWN,
    Alias,
    Column,
    External,
    Instance,
    ModelType,
    Query,
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
        isinstance(n, ast.Name) and isinstance(typeof(n), Alias) for n in walk(node)
    ):
        return replace(found, alias=True)
    return found


def _classify(node: ast.expr, typeof: TypeOf) -> Selected:
    text = written(node)
    if isinstance(node, ast.Call):
        return _classify_call(node, typeof, text)
    match typeof(node):
        case ModelType() | Alias() as entity:
            return _entity(entity, text)
        case Column() as column:
            return _column(node, column, typeof)
        case Selectable(table=plain):
            return Selected("table", text=text, label=UNREADABLE, unhashable=True, plain=plain)
    if _is_subquery_column(node, typeof):
        assert isinstance(node, ast.Attribute)
        return Selected("column", text=text, label=node.attr, unhashable=True, plain=True)
    if isinstance(node, ast.BinOp) and is_aggregate(node, typeof):
        return Selected("aggregate", text=text)
    return Selected("unknown", text=text, unhashable=True)


def _classify_call(node: ast.Call, typeof: TypeOf, text: str) -> Selected:
    if isinstance(node.func, ast.Attribute) and node.func.attr in _SAME_VALUE:
        inner = classify(node.func.value, typeof)
        if inner.kind in ("column", "aggregate"):
            if node.func.attr != "label":
                return replace(inner, text=text, label="", named=False)
            match node.args:
                case [ast.Constant(value=str() as label)]:
                    return replace(inner, text=text, label=label, named=True)
            return replace(inner, text=text, label=UNREADABLE, named=False)
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
        case Selectable(table=plain):
            return Selected("table", text=text, label=UNREADABLE, unhashable=True, plain=plain)
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
    return Selected(kind, "", written(node), label, column.unhashable, column.key)


def _is_subquery_column(node: ast.expr, typeof: TypeOf) -> bool:
    """`sq.c.total`, `table.columns.id`."""
    match node:
        case ast.Attribute(value=ast.Attribute(value=owner, attr="c" | "columns")):
            return isinstance(typeof(owner), Selectable)
    return False


def classify_all(nodes: Sequence[ast.expr], typeof: TypeOf) -> tuple[Selected, ...]:
    """All arguments of a call.

    A starred display among columns (`*([Order.id] if by_order else [])`) counts with all that it
    may hold; any other starred argument makes the whole unknown (the empty tuple).
    """
    found: list[Selected] = []
    starred = False
    for node in nodes:
        known = typeof(node)
        if isinstance(known, Selectable) and known.names:
            text = written(node)
            found += [
                Selected("column", text=f"{text}.c.{n}", label=n, unhashable=True)
                for n in known.names
            ]
            continue
        if not isinstance(node, ast.Starred):
            found.append(classify(node, typeof))
            continue
        items = _displayed(node.value)
        if items is None:
            return ()
        starred = True
        # Whether it comes first is not known.
        found += [replace(classify(i, typeof), text="", of="?") for i in items]
    if starred and not all(s.kind in ("column", "aggregate") for s in found):
        return ()
    return tuple(found)


def _displayed(node: ast.expr) -> list[ast.expr] | None:
    """The items that a list or tuple display may have, whichever branch is taken."""
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return None if any(isinstance(i, ast.Starred) for i in items) else items
        case ast.IfExp(body=body, orelse=orelse):
            sides = _displayed(body), _displayed(orelse)
            if sides[0] is None or sides[1] is None:
                return None
            return [*sides[0], *sides[1]]
    return None


def column_names(selects: Sequence[Selected]) -> tuple[str, ...]:
    """The names of a subquery's columns, () where they are not known or not unique."""
    names = tuple(s.label for s in selects if s.text and s.kind in ("column", "aggregate"))
    known = len(names) == len(selects) == len(set(names)) and not {"", UNREADABLE} & set(names)
    return names if known else ()


def has_entity(selects: Iterable[Selected]) -> bool:
    return any(s.kind == "entity" for s in selects)


def is_known(selects: Sequence[Selected]) -> bool:
    """Whether it is known if a row is one entity, or a tuple, and whether entities are in it."""
    return bool(selects) and all(s.kind != "unknown" for s in selects)


def item_of(selected: Selected, loaded: frozenset[str], partial: bool) -> Type:
    """The Python value of one selected thing."""
    match selected.kind:
        case "entity":
            return Instance(selected.key, loaded, partial=partial)
        case "column" | "aggregate":
            return OPAQUE
    return UNKNOWN


def row_type(
    selects: tuple[Selected, ...],
    loaded: frozenset[str],
    partial: bool,
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


def lead_entity(query: Query) -> tuple[str, str]:
    """The entity that a query begins with: its text here, "" for the model with that key.

    Both are "" for one that can't be named.
    """
    first = query.selects[0] if query.selects else None
    if first is not None and first.kind == "entity":
        # No lead: the name that the query was built with means nothing here.
        named = all(part.isidentifier() for part in query.lead.split("."))
        if named or not query.lead.strip("?"):
            return query.lead, first.key
        # Evaluated twice, `aliased(Order)` is two entities.
        return ("?", "") if first.alias else ("", first.key)
    if first is not None and _of_one_model(first):
        return "", first.of
    return "", ""


def _of_one_model(column: Selected) -> bool:
    """Whether a column comes from a model that is known, and not by an alias of it."""
    known = column.of and column.of != "?" and not column.of.startswith(ALIASED)
    return bool(known) and not column.alias and column.kind in ("column", "aggregate")


def model_import(entity: str, key: str) -> tuple[tuple[str, str], ...]:
    """The import that an entity needs which is known by its key alone."""
    if entity:
        return ()
    module, _, name = key.partition(":")
    return ((module, name),)
