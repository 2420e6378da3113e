"""What became of a module's units in an earlier run: where all of them are as they were, libcst is not loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.excerpts import excerpt_of
from migrator.codemod.rewriting.units import Unit
from migrator.codemod.spelling import Unspeakable, spelled
from migrator.codemod.work import MadeUnit


class KeptUnits:
    """The units of an earlier run, `before`, and those of this one, `made`.

    `around` is what the new texts depend on besides the units and what is asked of the context.
    """

    def __init__(self, around: object, before: Mapping[str, MadeUnit]) -> None:
        self._around = _digest(around)
        self._before = before
        self.made: dict[str, MadeUnit] = {}

    def parts(
        self,
        unit: Unit,
        lines: list[str],
        context: Context,
        make: Callable[[Unit], Sequence[str]],
    ) -> Sequence[str]:
        """The new texts before, between and behind the unit's holes: as they were, or made now."""
        key = self._key(unit, lines)
        known = self._before.get(key)
        if known is None or not context.again(known.asked):
            context.asked.clear()
            known = MadeUnit(tuple(make(unit)), tuple(dict.fromkeys(context.asked)))
        if key:
            self.made[key] = known
        return known.parts

    def _key(self, unit: Unit, lines: list[str]) -> str:
        """A digest of the unit's lines and of its edits, wherever it stands; "" where they can't be told."""
        excerpt = excerpt_of(lines, unit)
        try:
            edits = [
                (type(e.node).__name__, excerpt.place(e.node, lines), spelled(e.actions))
                for e in unit.edits
            ]
        except Unspeakable:
            return ""
        return _digest((self._around, unit.indents, excerpt.text, excerpt.marks, edits))


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()
