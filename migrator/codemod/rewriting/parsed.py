"""The new text of a unit by libcst, which is shown that unit alone.

An edit whose place is not found is an error of ours: the caller leaves the file as it was.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import cache
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from migrator.codemod.rewriting.apply import applied
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.excerpts import Excerpt, Place, excerpt_of
from migrator.codemod.rewriting.self_documenting import spelled_out
from migrator.codemod.rewriting.tidy import Plain, Tidier
from migrator.codemod.rewriting.units import Unit
from migrator.errors import InternalError
from migrator.queries.step import Action


def parsed(lines: list[str], unit: Unit, context: Context) -> list[str]:
    """The new texts before, between and behind the unit's holes.

    Raises InternalError (MIG901) when a place is not found in libcst's tree.
    """
    excerpt = excerpt_of(lines, unit)
    code = _rewritten(lines, unit, excerpt, context)
    parts: list[str] = []
    for hole, mark in zip(unit.holes, excerpt.marks, strict=True):
        before, found, code = code.partition(mark)
        if not found:
            raise InternalError(
                f"The lines {hole.first} to {hole.last} found no place.",
                "The statement around them was not written as it was read.",
                "Please report the lines around it; the file was left as it was.",
                code="MIG901",
            )
        parts.append(before)
    return [*parts, code]


def _rewritten(lines: list[str], unit: Unit, excerpt: Excerpt, context: Context) -> str:
    opening = excerpt.opening
    wrapper = MetadataWrapper(cst.parse_module(opening + excerpt.text), unsafe_skip_copy=True)
    missing: dict[tuple[str, Place], list[Action]] = {}
    starts: list[tuple[int, int]] = []
    for edit in unit.edits:
        missing.setdefault(excerpt.place(edit.node, lines), []).extend(edit.actions)
    found: dict[cst.CSTNode, list[Action]] = {}
    ranges: dict[cst.CSTNode, Place] = {}
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
        ranges: dict[cst.CSTNode, Place],
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


def _first_variable(node: cst.GeneratorExp) -> cst.BaseExpression:
    """What `first_name` gives, of libcst's tree."""
    target: cst.BaseExpression = node.for_in.target
    while isinstance(target, cst.Tuple):
        target = target.elements[0].value
    return target


def _key_of(kind: str, place: Place) -> tuple[str, Place]:
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
