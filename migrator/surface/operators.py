"""Operators on abstract values."""

from __future__ import annotations

import ast

from migrator.surface.values import UNKNOWN, Const, Items, Value


def binary(operator: ast.operator, left: Value, right: Value) -> Value:
    """`+` and `%` of constants, `+` of lists."""
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            if isinstance(operator, ast.Add):
                return Const(left.value + right.value)
            if isinstance(operator, ast.Mod) and isinstance(left.value, str):
                return Const(left.value % right.value)
        except (TypeError, ValueError):
            return UNKNOWN
    if isinstance(operator, ast.Add) and isinstance(left, Items) and isinstance(right, Items):
        return Items([*left.items, *right.items], left.complete and right.complete)
    if isinstance(operator, ast.Mod) and isinstance(left, Const) and isinstance(right, Items):
        values = [i.value for i in right.items if isinstance(i, Const)]
        if isinstance(left.value, str) and len(values) == len(right.items):
            try:
                return Const(left.value % tuple(values))
            except (TypeError, ValueError):
                return UNKNOWN
    return UNKNOWN
