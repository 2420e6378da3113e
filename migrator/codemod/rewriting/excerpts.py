"""What stands in a unit's lines: its text with a mark for each hole, and where its edits are in that."""

from __future__ import annotations

import ast
import sys
from bisect import bisect_right
from typing import Any

from migrator.codemod.rewriting.units import Unit
from migrator.frozen import frozen

Place = tuple[int, int, int, int]
#: The name that stands for a hole.
_HOLE = "__migrator_hole_"
_NEWLINES = "\r\n"


@frozen
class Excerpt:
    """What libcst sees of a unit; `opening` are the blocks around it, `marks` the holes' lines."""

    opening: str
    text: str
    marks: tuple[str, ...]
    #: For each part between holes: its first line, and what takes a line of it to the excerpt's.
    shifts: tuple[tuple[int, int], ...]

    def place(self, node: ast.AST, lines: list[str]) -> tuple[str, Place]:
        """The kind of an edit's node, and where it stands in the excerpt."""
        kind, (line, column, end, end_column) = _place(node, lines)
        return kind, (self._line(line), column, self._line(end) if end else 0, end_column)

    def _line(self, line: int) -> int:
        """A line of the module as a line of the excerpt."""
        return line - self.shifts[bisect_right(self.shifts, (line, sys.maxsize)) - 1][1]


def excerpt_of(lines: list[str], unit: Unit) -> Excerpt:
    """What libcst sees of a unit."""
    newline = "\r\n" if lines[unit.last - 1].endswith("\r\n") else "\n"
    # An indented statement needs something to be inside of.
    opening = "".join(f"{i}if 1:{newline}" for i in ("", *unit.indents[:-1]) if unit.indents)
    shift = unit.first - 1 - len(unit.indents)
    first, parts, marks, shifts = unit.first, [], [], [(unit.first, shift)]
    for number, hole in enumerate(unit.holes):
        end = lines[hole.last - 1]
        mark = f"{hole.indent}{_HOLE}{number}{end[len(end.rstrip(_NEWLINES)) :]}"
        parts += [*lines[first - 1 : hole.first - 1], mark]
        marks.append(mark)
        first = hole.last + 1
        shift += hole.last - hole.first
        shifts.append((first, shift))
    parts += lines[first - 1 : unit.last]
    return Excerpt(opening, "".join(parts), tuple(marks), tuple(shifts))


def _column(lines: list[str], line: int, offset: int) -> int:
    """ast counts columns in UTF-8 bytes, libcst in characters."""
    text = lines[line - 1] if line <= len(lines) else ""
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


def _place(node: Any, lines: list[str]) -> tuple[str, Place]:
    if isinstance(node, ast.GeneratorExp):
        # Whose its parentheses are is a matter of opinion; its first variable stands for it.
        node = first_name(node.generators[0].target)
        start = (node.lineno, _column(lines, node.lineno, node.col_offset))
        return "GeneratorExp", (*start, 0, 0)
    start = (node.lineno, _column(lines, node.lineno, node.col_offset))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.YieldFrom):
        # It becomes a loop, which is a statement on lines of its own.
        return "SimpleStatementLine", (*start, 0, 0)
    if isinstance(node, ast.stmt):
        return type(node).__name__.removeprefix("Async"), (*start, 0, 0)
    end = (node.end_lineno, _column(lines, node.end_lineno, node.end_col_offset))
    if isinstance(node, ast.Tuple):
        return "Tuple", (*start, *end)
    return "expression", (*start, *end)


def first_name(target: ast.expr) -> ast.expr:
    """The first variable that a `for` assigns."""
    while isinstance(target, ast.Tuple | ast.Starred):
        target = target.value if isinstance(target, ast.Starred) else target.elts[0]
    return target
