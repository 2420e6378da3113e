"""One module: the plan's edits are applied to its syntax tree by position.

Everything that no edit names survives byte for byte (libcst is lossless). An edit whose place is
not found is an error of ours: the caller leaves the file as it was.
"""

from __future__ import annotations

import ast
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from migrator.codemod.rewriting.apply import applied, splice
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.self_documenting import spelled_out
from migrator.codemod.rewriting.splice import line_starts, spliced
from migrator.codemod.rewriting.tidy import Plain, Tidier
from migrator.codemod.rewriting.units import Unit, units
from migrator.errors import InternalError
from migrator.index.source import lines_of
from migrator.plan.model import Edit
from migrator.queries.step import Action

_Place = tuple[int, int, int, int]
#: The name that stands for a hole.
_HOLE = "__migrator_hole_"
_NEWLINES = "\r\n"


def apply_edits(
    text: str, tree: ast.Module, edits: Iterable[Edit], context: Context, *, plain: bool = True
) -> str:
    """The module's text with every edit applied; `tree` is its syntax tree.

    What is plain is changed as text, with `plain=False` nothing is; the result is the same. libcst
    only sees the other statements that change: its parser and visitors take many times as long
    as everything else here.
    Raises InternalError (MIG901) when a place is not found in libcst's tree.
    """
    if "\r" in text and "\n" not in text:
        # libcst takes no lone carriage return for the end of a line.
        return apply_edits(text.replace("\r", "\n"), tree, edits, context).replace("\n", "\r")
    lines = lines_of(text)
    module = _Text(text, lines, line_starts(lines), context, plain)
    return _rendered(module, 1, len(lines), units(tree, edits, lines))


@dataclass(frozen=True, slots=True)
class _Text:
    """A module's text, what its rules may know, and whether plain changes may be made as text."""

    text: str
    lines: list[str]
    starts: list[int]
    context: Context
    plain: bool


def _rendered(module: _Text, first: int, last: int, inside: Sequence[Unit]) -> str:
    """The lines `first` to `last` (from 1, inclusive) with the units in them rewritten."""
    result: list[str] = []
    for unit in inside:
        result.extend(module.lines[first - 1 : unit.first - 1])
        result.append(_unit(module, unit))
        first = unit.last + 1
    result.extend(module.lines[first - 1 : last])
    return "".join(result)


def _unit(module: _Text, unit: Unit) -> str:
    """The new text of one run of lines."""
    starts = module.starts
    module.context.hidden.within(unit.first, unit.last)
    plain = spliced(module.lines, starts, module.text, unit, splice, module.context)
    if plain is None or not module.plain:
        return _parsed(module, unit)
    result, first = [], unit.first
    for hole in unit.holes:
        result.append(plain.between(starts[first - 1], starts[hole.first - 1]))
        result.append(_rendered(module, hole.first, hole.last, hole.units))
        first = hole.last + 1
    return "".join([*result, plain.between(starts[first - 1], starts[unit.last])])


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """What libcst sees of a unit; `opening` are the blocks around it, `marks` the holes' lines."""

    opening: str
    text: str
    marks: tuple[str, ...]
    #: For each part between holes: its first line, and what takes a line of it to the excerpt's.
    shifts: tuple[tuple[int, int], ...]

    def line(self, line: int) -> int:
        """A line of the module as a line of the excerpt."""
        return line - self.shifts[bisect_right(self.shifts, (line, sys.maxsize)) - 1][1]


def _excerpt(lines: list[str], unit: Unit) -> _Excerpt:
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
    return _Excerpt(opening, "".join(parts), tuple(marks), tuple(shifts))


def _parsed(module: _Text, unit: Unit) -> str:
    """The new text of one run of lines that libcst has to see."""
    excerpt = _excerpt(module.lines, unit)
    code = _rewritten(module.lines, unit, excerpt, module.context)
    result: list[str] = []
    for hole, mark in zip(unit.holes, excerpt.marks, strict=True):
        before, found, code = code.partition(mark)
        if not found:
            raise InternalError(
                f"The lines {hole.first} to {hole.last} found no place.",
                "The statement around them was not written as it was read.",
                "Please report the lines around it; the file was left as it was.",
                code="MIG901",
            )
        result += [before, _rendered(module, hole.first, hole.last, hole.units)]
    return "".join([*result, code])


def _rewritten(lines: list[str], unit: Unit, excerpt: _Excerpt, context: Context) -> str:
    opening = excerpt.opening
    wrapper = MetadataWrapper(cst.parse_module(opening + excerpt.text), unsafe_skip_copy=True)
    missing: dict[tuple[str, _Place], list[Action]] = {}
    starts: list[tuple[int, int]] = []
    for edit in unit.edits:
        kind, (line, column, end, end_column) = _key(edit.node, lines)
        place = (excerpt.line(line), column, excerpt.line(end) if end else 0, end_column)
        missing.setdefault((kind, place), []).extend(edit.actions)
    found: dict[cst.CSTNode, list[Action]] = {}
    ranges: dict[cst.CSTNode, _Place] = {}
    # `wrapper.resolve` would walk the tree once more, for providers that nobody asked for.
    positions: Mapping[cst.CSTNode, Any] = PositionProvider()._gen(wrapper)
    for node, where in positions.items():
        start, stop = where.start, where.end
        if isinstance(node, cst.Tuple) and node.lpar:
            # To ast the innermost parentheses are the tuple's own.
            start, stop = positions[node.lpar[-1]].start, positions[node.rpar[0]].end
        place = (start.line, start.column, stop.line, stop.column)
        kind = _kind(type(node))
        if _prunable(type(node)):
            ranges[node] = place
        if isinstance(node, cst.GeneratorExp):
            first = positions[_first_variable(node)].start
            place = (first.line, first.column, 0, 0)
        actions = missing.pop(_key_of(kind, place), None) if kind else None
        if actions is not None:
            found[node] = actions
            starts.append((where.start.line, where.start.column))
    if missing:
        (kind, place), actions = next(iter(missing.items()))
        raise InternalError(
            f"The edit {actions[0].rule!r} of a {kind} in the lines {unit.first} to {unit.last} found no place.",
            "Two parsers disagree on where that expression stands.",
            "Please report the lines around it; the file was left as it was.",
            code="MIG901",
        )
    applier = _Applier(found, ranges, sorted(starts), context)
    changed = wrapper.module.visit(applier)
    if applier.applied != len(found):
        raise InternalError(
            f"{len(found) - applier.applied} edits were not reached.",
            "The visitor passed them by.",
            "Please report the lines around it; the file was left as it was.",
            code="MIG901",
        )
    changed = changed.visit(Tidier(applier.untouched))
    if not (changed.body or changed.header or changed.footer):
        # An empty module prints a line of its own.
        return ""
    return changed.code.removeprefix(opening)


#: What is passed by whole when no edit begins in it: libcst visits slowly. (The position of a
#: function or a class says nothing of its decorators.)
_PRUNED = (
    cst.BaseExpression, cst.BaseSmallStatement, cst.SimpleStatementLine, cst.If, cst.For,
    cst.While, cst.With, cst.Try,
)  # fmt: skip


class _Applier(Plain):
    def __init__(
        self,
        actions: dict[cst.CSTNode, list[Action]],
        ranges: dict[cst.CSTNode, _Place],
        starts: list[tuple[int, int]],
        context: Context,
    ) -> None:
        super().__init__()
        self.actions = actions
        self.ranges = ranges
        #: Where the edited nodes begin, in order.
        self.starts = starts
        self.context = context
        self.applied = 0
        #: Ids of the nodes that were passed by; the tree keeps them as they are.
        self.untouched: set[int] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        place = self.ranges.get(node)
        if place is None:
            return True
        index = bisect_left(self.starts, place[:2])
        if index < len(self.starts) and self.starts[index] <= place[2:]:
            return True
        self.untouched.add(id(node))
        return False

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        actions = self.actions.get(original_node, ())
        self.applied += bool(actions)
        if isinstance(original_node, cst.FormattedString):
            updated_node = spelled_out(original_node, updated_node)
        return applied(updated_node, actions, self.context)


def _column(lines: list[str], line: int, offset: int) -> int:
    """ast counts columns in UTF-8 bytes, libcst in characters."""
    text = lines[line - 1] if line <= len(lines) else ""
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


def _key(node: Any, lines: list[str]) -> tuple[str, _Place]:
    if isinstance(node, ast.GeneratorExp):
        # Whose its parentheses are is a matter of opinion; its first variable stands for it.
        node = _first_name(node.generators[0].target)
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


def _first_name(target: ast.expr) -> ast.expr:
    """The first variable that a `for` assigns."""
    while isinstance(target, ast.Tuple | ast.Starred):
        target = target.value if isinstance(target, ast.Starred) else target.elts[0]
    return target


def _first_variable(node: cst.GeneratorExp) -> cst.BaseExpression:
    """What `_first_name` gives, of libcst's tree."""
    target: cst.BaseExpression = node.for_in.target
    while isinstance(target, cst.Tuple):
        target = target.elements[0].value
    return target


def _key_of(kind: str, place: _Place) -> tuple[str, _Place]:
    if kind in ("GeneratorExp", "Tuple", "expression"):
        return (kind, place)
    return (kind, (*place[:2], 0, 0))


@cache
def _kind(cls: type[cst.CSTNode]) -> str:
    """How `_key` calls nodes of a class, "" where no edit names one."""
    if issubclass(cls, cst.GeneratorExp | cst.Tuple):
        return cls.__name__
    if issubclass(cls, cst.BaseExpression):
        return "expression"
    if issubclass(cls, cst.BaseStatement | cst.BaseSmallStatement):
        return cls.__name__
    return ""


@cache
def _prunable(cls: type[cst.CSTNode]) -> bool:
    return issubclass(cls, _PRUNED)
