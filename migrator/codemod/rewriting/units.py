"""Cutting a module into the runs of lines that change: the smallest statements around the edits.

A block that changes in its head only is a unit with holes: what stands in its body is left out of
it, and is a matter of units of its own.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from migrator.frozen import frozen
from migrator.plan.model import Edit

#: Rules that may take a statement away; the block around it has to be seen, not to end up empty.
_REMOVING = frozenset({"drop_statement", "flask_left", "move_import"})
#: Rules that need the body of their statement.
_WHOLE = frozenset({"wrap_function", "flask_left"})


@frozen
class Hole:
    """Lines of a unit that are none of its business, and the units in them."""

    first: int
    last: int
    indent: str
    units: tuple[Unit, ...]


@frozen
class Unit:
    """Lines `first` to `last` (from 1, inclusive), the edits in them, and the holes, in order.

    `statements` stand there, one but where several share a line; `indents` are the indentations of
    the blocks around them, from the outside.
    """

    first: int
    last: int
    edits: tuple[Edit, ...]
    statements: tuple[ast.stmt, ...]
    indents: tuple[str, ...] = ()
    holes: tuple[Hole, ...] = ()


def units(tree: ast.Module, edits: Iterable[Edit], lines: list[str]) -> tuple[Unit, ...]:
    """The runs of lines that hold the edits, in order; none overlaps another."""
    return tuple(_Cutter(edits, lines).body(tree.body, ()))


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 1))


def _last(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


class _Cutter:
    def __init__(self, edits: Iterable[Edit], lines: list[str]) -> None:
        self.lines = lines
        self.edits = sorted(edits, key=lambda e: _line(e.node))
        self.starts = [_line(e.node) for e in self.edits]
        rules = {id(e.node): {a.rule for a in e.actions} for e in self.edits}
        self.removed = {n for n, names in rules.items() if not names.isdisjoint(_REMOVING)}
        self.whole = {n for n, names in rules.items() if not names.isdisjoint(_WHOLE)}

    def inside(self, first: int, last: int) -> tuple[Edit, ...]:
        """The edits that begin in these lines."""
        return tuple(
            self.edits[bisect_left(self.starts, first) : bisect_left(self.starts, last + 1)]
        )

    def first(self, statement: ast.stmt) -> int:
        """The first line of a statement, decorators included."""
        decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
        line = min([statement.lineno, *(d.lineno for d in decorators)])
        while decorators and not self.lines[line - 1].lstrip().startswith("@"):
            # `@(` on a line of its own.
            line -= 1
        return line

    def groups(self, body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
        """The statements of a block; those that share a line are one group."""
        group: list[ast.stmt] = []
        for statement in body:
            if group and self.first(statement) > _last(group[-1]):
                yield group
                group = []
            group.append(statement)
        if group:
            yield group

    def body(self, body: list[ast.stmt], indents: tuple[str, ...]) -> Iterator[Unit]:
        """The units in one block."""
        for group in self.groups(body):
            first, last = self.first(group[0]), max(map(_last, group))
            edits = self.inside(first, last)
            if not edits:
                continue
            blocks = self.blocks(group[0]) if len(group) == 1 else None
            if blocks is None or id(group[0]) in self.whole:
                yield Unit(first, last, edits, tuple(group), indents)
                continue
            holes = [hole for block in blocks for hole in self.holes(block, indents)]
            # Sorted: the blocks of a statement are listed in their order.
            own = _outside(edits, holes)
            if own:
                yield Unit(first, last, own, tuple(group), indents, tuple(holes))
            else:
                for hole in holes:
                    yield from hole.units

    def blocks(self, statement: ast.stmt) -> list[list[ast.stmt]] | None:
        """The blocks of a statement; None for one that has none, or not on lines of their own."""
        found = list(_blocks(statement))
        return found if found and all(map(self.apart, found)) else None

    def apart(self, block: list[ast.stmt]) -> bool:
        """Whether a block has its lines for itself."""
        first = self.first(block[0])
        above = self.lines[first - 2].rstrip("\r\n") if first > 1 else ""
        indent = self.lines[first - 1][: block[0].col_offset]
        return not (indent.strip(" \t") or above.endswith("\\"))

    def holes(self, block: list[ast.stmt], indents: tuple[str, ...]) -> Iterator[Hole]:
        """A block without the statements that may be taken away from it."""
        indent = self.lines[self.first(block[0]) - 1][: block[0].col_offset]
        run: list[ast.stmt] = []
        for group in [*self.groups(block), []]:
            if group and self.removed.isdisjoint(map(id, group)):
                run.extend(group)
            elif run:
                inner = tuple(self.body(run, (*indents, indent)))
                yield Hole(self.first(run[0]), max(map(_last, run)), indent, inner)
                run = []


def _outside(edits: tuple[Edit, ...], holes: list[Hole]) -> tuple[Edit, ...]:
    return tuple(
        e for e in edits if not any(hole.first <= _line(e.node) <= hole.last for hole in holes)
    )


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    match statement:
        case ast.If(body=body, orelse=[ast.If() as other]) if other.col_offset == (
            statement.col_offset
        ):
            # `elif` belongs to the head.
            yield body
            yield from _blocks(other)
        case ast.Match(cases=cases):
            for one in cases:
                yield one.body
        case _:
            for name in ("body", "handlers", "orelse", "finalbody"):
                block = getattr(statement, name, None)
                if name == "handlers":
                    yield from (handler.body for handler in block or ())
                elif block:
                    yield block
