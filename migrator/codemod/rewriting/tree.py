"""One module: the plan's edits are applied to its text by position.

Everything that no edit names survives byte for byte.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from itertools import accumulate

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.kept_units import KeptUnits
from migrator.codemod.rewriting.units import Unit, units
from migrator.frozen import frozen
from migrator.index.source import lines_of
from migrator.plan.model import Edit


def apply_edits(
    text: str,
    tree: ast.Module,
    edits: Iterable[Edit],
    context: Context,
    kept: KeptUnits | None = None,
    *,
    plain: bool = True,
) -> str:
    """The module's text with every edit applied; `tree` is its syntax tree.

    What is plain is changed as text, with `plain=False` nothing is; the result is the same. libcst
    only sees the other statements that change: its parser and visitors take many times as long
    as everything else here. `kept` are the units of an earlier run, and gets those of this one.
    Raises InternalError (MIG901) when a place is not found in libcst's tree.
    """
    if "\r" in text and "\n" not in text:
        # libcst takes no lone carriage return for the end of a line.
        return apply_edits(text.replace("\r", "\n"), tree, edits, context).replace("\n", "\r")
    lines = lines_of(text)
    starts = [0, *accumulate(map(len, lines))]
    module = _Text(text, lines, starts, context, kept, plain)
    return _rendered(module, 1, len(lines), units(tree, edits, lines))


@frozen
class _Text:
    """A module's text, what its rules may know, and whether plain changes may be made as text."""

    text: str
    lines: list[str]
    #: The offset of each line.
    starts: list[int]
    context: Context
    kept: KeptUnits | None
    plain: bool

    def parts(self, unit: Unit) -> Sequence[str]:
        """The new texts before, between and behind the unit's holes."""
        self.context.hidden.within(unit.first, unit.last)
        if self.kept is None:
            return self._made(unit)
        return self.kept.parts(unit, self.lines, self.context, self._made)

    def _made(self, unit: Unit) -> list[str]:
        # libcst takes as long to import as a thousand lines take to convert.
        from migrator.codemod.rewriting.apply import splice
        from migrator.codemod.rewriting.parsed import parsed
        from migrator.codemod.rewriting.splice import spliced

        if self.plain:
            parts = spliced(self.lines, self.starts, self.text, unit, splice, self.context)
            if parts is not None:
                return parts
        return parsed(self.lines, unit, self.context)


def _rendered(module: _Text, first: int, last: int, inside: Sequence[Unit]) -> str:
    """The lines `first` to `last` (from 1, inclusive) with the units in them rewritten."""
    result: list[str] = []
    for unit in inside:
        result.extend(module.lines[first - 1 : unit.first - 1])
        before, *behind = module.parts(unit)
        result.append(before)
        for hole, part in zip(unit.holes, behind, strict=True):
            result += [_rendered(module, hole.first, hole.last, hole.units), part]
        first = unit.last + 1
    result.extend(module.lines[first - 1 : last])
    return "".join(result)
