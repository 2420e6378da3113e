"""Criteria after a union of entities: a Query reads them from the union, a select from an alias.

Facts: SQLAlchemy's `Query._from_selectable`, and its adapter of what comes later. Plain columns of
the entity in the criteria of the same expression are those of `aliased(Order, union.subquery())`;
whatever else a criterion mentions is not told apart here.
"""

from __future__ import annotations

import ast

from migrator.index.written import written
from migrator.queries.step import Action, TypeOf
from migrator.queries.types import (
    Column,
    External,
    ModelType,
    Opaque,
    Query,
)

#: Set operations and what may stand between one and a criterion.
_UNIONS = frozenset({"union", "union_all", "intersect", "intersect_all", "except_", "except_all"})
_CRITERIA = frozenset({"filter", "where", "order_by"})
_BETWEEN = _CRITERIA | {"filter_by", "execution_options", "params", "distinct"}
_FUNCTIONS = frozenset(
    {"desc", "asc", "nulls_first", "nulls_last", "nullsfirst", "nullslast", "or_", "and_", "not_"}
)
#: Methods of a column that bring other tables or entities.
_APART = frozenset({"any", "has", "of_type", "and_", "over", "in_subquery"})


def adapted(query: Query, method: str, call: ast.Call, typeof: TypeOf) -> Action | None:
    """How the criteria are read from the union; None where they aren't seen through."""
    first = query.selects[0]
    if method not in _CRITERIA or call.keywords or not call.args or first.alias:
        return None
    if not isinstance(call.func, ast.Attribute) or not _is_here(call.func.value):
        return None
    if method == "order_by" and [getattr(a, "value", "") for a in call.args] == [None]:
        return Action("after_union", {"name": "", "entities": []})
    entities: list[str] = []
    if not all(_is_criterion(a, first.key, typeof, entities) for a in call.args):
        return None
    name = "where" if method == "filter" else ""
    return Action("after_union", {"name": name, "entities": entities})


def _is_here(node: ast.expr) -> bool:
    """Whether the union is made in the same expression."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in _UNIONS:
            return True
        if node.func.attr not in _BETWEEN:
            return False
        node = node.func.value
    return False


def _is_criterion(node: ast.expr, key: str, typeof: TypeOf, entities: list[str]) -> bool:
    """Whether an expression is made of plain columns of the model and of values."""

    def operand(node: ast.expr) -> bool:
        return _is_value(node, typeof) or _is_criterion(node, key, typeof, entities)

    match node:
        case ast.Attribute(value=of):
            owner, column = typeof(of), typeof(node)
            if isinstance(owner, ModelType) and isinstance(column, Column):
                entities.append(written(of))
                return owner.key == column.key == key
        case ast.Compare(left=left, ops=ops, comparators=[right]):
            contains = isinstance(ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot)
            return not contains and operand(left) and operand(right)
        case ast.BinOp(left=left, right=right):
            return operand(left) and operand(right)
        case ast.UnaryOp(op=ast.Invert() | ast.USub(), operand=inner):
            return operand(inner)
        case ast.Call(func=func, args=args, keywords=keywords):
            given = [*args, *(k.value for k in keywords)]
            if isinstance(func, ast.Attribute) and isinstance(typeof(func.value), Column):
                receives = _is_criterion(func.value, key, typeof, entities)
                return func.attr not in _APART and receives and all(map(operand, given))
            target = typeof(func)
            if isinstance(target, External) and target.dotted.startswith("sqlalchemy"):
                known = target.dotted.rpartition(".")[2] in _FUNCTIONS
                return (known or ".func." in target.dotted) and all(map(operand, given))
    return False


def _is_value(node: ast.expr, typeof: TypeOf) -> bool:
    """A value of Python's: in one of unknown type a column may hide."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_is_value(e, typeof) for e in node.elts)
    if isinstance(node, ast.Name | ast.Attribute | ast.Constant):
        return isinstance(typeof(node), Opaque)
    return isinstance(node, ast.JoinedStr)
