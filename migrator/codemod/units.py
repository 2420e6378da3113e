"""Cutting a module into the runs of lines that change: the smallest statements around the edits."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from migrator.colour.plan import Edit

#: Rules that take a statement away; the block around it has to be seen whole.
_REMOVING = frozenset({"drop_statement", "flask_left"})


@dataclass(slots=True)
class Unit:
    """Lines `first` to `last` (from 1, inclusive) and the edits in them."""

    first: int
    last: int
    edits: list[Edit] = field(default_factory=list)


def units(tree: ast.Module, edits: Iterable[Edit]) -> list[Unit]:
    """The runs of lines that hold the edits, in order; none overlaps another."""
    pending = sorted(edits, key=lambda e: _line(e.node))
    found: list[Unit] = []
    _collect(tree.body, pending, found)
    found.sort(key=lambda u: u.first)
    merged: list[Unit] = []
    for unit in found:
        if merged and unit.first <= merged[-1].last:
            merged[-1].last = max(merged[-1].last, unit.last)
            merged[-1].edits.extend(unit.edits)
        else:
            merged.append(unit)
    return merged


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 1))


def _collect(body: list[ast.stmt], edits: list[Edit], found: list[Unit]) -> None:
    for statement in body:
        first, last = _first(statement), int(statement.end_lineno or statement.lineno)
        inside = [e for e in edits if first <= _line(e.node) <= last]
        if not inside:
            continue
        if isinstance(statement, ast.ClassDef) and _only_in_body(statement, inside):
            _collect(statement.body, inside, found)
        else:
            found.append(Unit(first, last, inside))


def _first(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    lines: list[int] = [statement.lineno, *(d.lineno for d in decorators)]
    return min(lines)


def _only_in_body(cls: ast.ClassDef, edits: list[Edit]) -> bool:
    """Whether each edit lies in a statement of the class that begins on a line of its own."""
    start = min(_first(s) for s in cls.body)
    if start <= cls.lineno or any(_line(e.node) < start for e in edits):
        return False
    removed = {id(e.node) for e in edits if any(a.rule in _REMOVING for a in e.actions)}
    return not any(id(s) in removed for s in cls.body)
