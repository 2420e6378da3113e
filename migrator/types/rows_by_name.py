"""Rows that code of SQLAlchemy 1.x reads like dicts."""

from __future__ import annotations

import ast

from migrator.queries import tables
from migrator.queries.types import NONE, Row
from migrator.types.iteration import Iteration
from migrator.types.lattice import Value, options


class RowsByName(Iteration):
    """Adds them (https://docs.sqlalchemy.org/en/20/changelog/migration_20.html)."""

    def read_as_dict(self, node: ast.expr, value: Value, name: str = "") -> bool:
        """Whether `node` may be a row, which is read by `name` or as a whole: noted."""
        found = [o for o in options(value) if o != NONE]
        step = tables.as_mapping(found, name)
        if step is None:
            return False
        self.record("step", node, step=step, name="row")
        return True

    def item_by_name(self, node: ast.Subscript, value: Value) -> None:
        """`row["total"]`, `row[Order.total]`."""
        if isinstance(node.ctx, ast.Load) and tables.names_item(node.slice, self.typeof):
            known = node.slice.value if isinstance(node.slice, ast.Constant) else ""
            self.read_as_dict(node.value, value, str(known))

    def method_by_name(self, node: ast.Call, func: ast.Attribute, value: Value) -> None:
        """`row.items()`; `row.has_key("total")`, which no version has that has an async form."""
        rows = [o for o in options(value) if isinstance(o, Row)]
        if any(func.attr in row.names for row in rows):
            return
        if func.attr in tables.OF_MAPPING:
            self.read_as_dict(func.value, value)
        elif rows and func.attr in tables.GONE_METHODS:
            self.gone(node, f"{func.attr}() of a row")

    def membership(self, node: ast.Compare, left: ast.expr, value: Value) -> None:
        """`"total" in row`."""
        for option in options(value):
            if isinstance(option, Row) and (name := tables.asks_for_name(left, option)):
                self.gone(node, f"the name {name!r} is looked for among the values of a row")

    def gone(self, node: ast.expr, detail: str) -> None:
        """What SQLAlchemy 2 has not, or reads otherwise, and that is no site."""
        self.record("gone", node, name=detail)
