"""What a module's new text is made from, and a key that is the same only where all of it is."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from migrator.codemod.finding import Finding
from migrator.codemod.renaming import Renaming
from migrator.index.definitions import Module
from migrator.plan.model import Edit
from migrator.types.evaluations import Kept as Evaluated


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new text; with a `fault`, which is ours, the text is what it was."""

    text: str
    fault: Finding | None = None


class Kept(Evaluated, Protocol):
    """Texts and evaluations of an earlier run."""

    def text(self, path: str, key: str) -> str | None:
        """The text that was made of a file with the same key."""

    def keep(self, path: str, key: str, text: str) -> None:
        """Keep a text for the next run."""


@dataclass(frozen=True, slots=True)
class Work:
    """All that the new text of a module is made from.

    `taken` are its own names as `Context` has them, `needed` the names that the plan asks for.
    """

    module: Module
    edits: tuple[Edit, ...]
    taken: Mapping[str, frozenset[str]]
    needed: tuple[tuple[str, str, str], ...]

    def key(self, renaming: Renaming) -> str:
        """A digest of everything that `rewritten` looks at; "" where that can't be told."""
        source = self.module.source
        places = {id(node): index for index, node in enumerate(self.module.nodes)}
        try:
            all_of_it = (
                source.text,
                source.encoding,
                source.path,
                _plain(dict(self.taken)),
                self.needed,
                [(places[id(e.node)], _plain(e.actions)) for e in self.edits],
                renaming.project.package,
                renaming.package,
                sorted(renaming.project.tops),
            )
        except (KeyError, _Unknown):
            return ""
        return hashlib.sha256(repr(all_of_it).encode("utf-8", "surrogatepass")).hexdigest()


class _Unknown(Exception):
    """A value whose text does not say all of it."""


def _plain(value: Any) -> Any:
    """A value whose `repr` is the same exactly where the value is."""
    if value is None or isinstance(value, str | int | float | bytes):
        return value
    if isinstance(value, tuple | list):
        return (type(value).__name__, *map(_plain, value))
    if isinstance(value, dict):
        # In order: a rule may go by it.
        return ("dict", *((_plain(k), _plain(v)) for k, v in value.items()))
    if isinstance(value, frozenset | set):
        return ("set", *sorted(map(repr, map(_plain, value))))
    if isinstance(value, ast.AST):
        return ("ast", ast.dump(value, include_attributes=True))
    if dataclasses.is_dataclass(value):
        fields = (getattr(value, f.name) for f in dataclasses.fields(value))
        return (type(value).__name__, *map(_plain, fields))
    raise _Unknown
