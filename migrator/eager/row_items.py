"""One entity of a query's rows, and how code takes it out of them.

`for order, count in rows`, `row.Order`, `row[0]`, `row["Order"]` of a mapping. A name that
a row has twice tells nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeAlias

from migrator.frozen import frozen
from migrator.queries.types import Selected

#: What is assigned to: a name ("" for anything else), or what a tuple is taken apart into.
Target: TypeAlias = "str | tuple[Target, ...]"


@frozen
class Item:
    """The entity at `index` in rows of `width`, called `name` there ("" where it has none).

    `mapping`: the rows are read like dicts.
    """

    index: int
    width: int
    name: str = ""
    mapping: bool = False

    def is_at(self, index: object) -> bool:
        """Whether `row[index]` is the entity."""
        if self.mapping or isinstance(index, str):
            return self.mapping and index == self.name != ""
        if not isinstance(index, int) or isinstance(index, bool):
            return False
        return index in (self.index, self.index - self.width)


def item_of_rows(selects: Sequence[Selected], index: int) -> Item:
    """The item for one of the things that a query selects."""
    names = [s.label for s in selects]
    name = names[index]
    return Item(index, len(selects), name if names.count(name) == 1 else "")


def target_of(node: ast.expr) -> Target:
    """What Python assigns to; behind a starred name nothing is told."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            starred = (i for i, e in enumerate(elts) if isinstance(e, ast.Starred))
            return tuple(target_of(e) for e in elts[: next(starred, len(elts))])
    return ""
