"""What a module's new text is made from, and a key that is the same only where all of it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from migrator.codemod.finding import Finding
from migrator.codemod.renaming import Renaming
from migrator.codemod.rewriting.context import Asked
from migrator.codemod.spelling import Unspeakable, spelled
from migrator.frozen import frozen
from migrator.index.definitions import Module
from migrator.plan.model import Edit
from migrator.types.evaluations import Kept as Evaluated


@frozen
class MadeUnit:
    """The new texts before, between and behind a unit's holes, and what making them has asked for."""

    parts: tuple[str, ...]
    asked: tuple[Asked, ...]


@frozen
class Rewritten:
    """The new text; with a `fault`, which is ours, the text is what it was.

    `units` is what became of each unit, by its key, where that is kept.
    """

    text: str
    fault: Finding | None = None
    units: Mapping[str, MadeUnit] = field(default_factory=dict)


class Kept(Evaluated, Protocol):
    """Texts and evaluations of an earlier run."""

    def text(self, path: str, key: str) -> str | None:
        """The text that was made of a file with the same key; it is kept for the next run as well."""

    def units(self, path: str) -> Mapping[str, MadeUnit]:
        """What became of each unit of a file, by its key."""

    def keep(self, path: str, key: str, made: Rewritten) -> None:
        """Keep a text and its units for the next run."""


@frozen
class Work:
    """All that the new text of a module is made from.

    `taken` are its own names as `Context` has them, `needed` the names that the plan asks for.
    `before` are the units of an earlier run; None where they are not kept.
    """

    module: Module
    edits: tuple[Edit, ...]
    taken: Mapping[str, frozenset[str]]
    needed: tuple[tuple[str, str, str], ...]
    before: Mapping[str, MadeUnit] | None = None

    def key(self, renaming: Renaming) -> str:
        """A digest of everything that `rewritten` looks at; "" where that can't be told."""
        source = self.module.source
        edited = {id(edit.node) for edit in self.edits}
        ids = enumerate(map(id, self.module.nodes))
        places = {node: index for index, node in ids if node in edited}
        try:
            all_of_it = (
                source.text,
                source.encoding,
                source.path,
                [(places[id(e.node)], spelled(e.actions)) for e in self.edits],
                self.around(renaming),
            )
        except (KeyError, Unspeakable):
            return ""
        return hashlib.sha256(repr(all_of_it).encode("utf-8", "surrogatepass")).hexdigest()

    def around(self, renaming: Renaming) -> tuple[Any, ...]:
        """What `rewritten` looks at besides the text and the edits."""
        return (
            spelled(dict(self.taken)),
            self.needed,
            "\r" in self.module.source.text,
            renaming.project.package,
            renaming.package,
            sorted(renaming.project.tops),
        )
