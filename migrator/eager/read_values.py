"""What the walk from a query's objects knows: what is held, what was read on which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from migrator.eager.row_items import Item, Target
from migrator.frozen import frozen
from migrator.index.definitions import FunctionInfo
from migrator.index.signature import positional

Path: TypeAlias = tuple[str, ...]
Paths: TypeAlias = frozenset[Path]
#: Ends a path below which nothing is there to be loaded, on the way at hand.
NOTHING = "*"


@frozen
class Held:
    """What an expression gives: the objects at the end of `path`, one or (`many`) all of them.

    `numbered`: in pairs with their number; `item`: in rows, each as that item. `among`: one of
    several, where others are there though this one is absent (an outer join's).
    """

    path: Path
    many: bool
    numbered: bool = False
    item: Item | None = None
    among: bool = False

    @property
    def one(self) -> Held | None:
        """The object itself; None where there are several, or it is wrapped in something."""
        return self if not (self.many or self.numbered or self.item) else None

    def of_result(self, method: str) -> Held | None:
        """What a method of a result goes on with, of all that it holds."""
        if self.item is None or method not in ("scalars", "mappings"):
            return self
        if method == "mappings":
            return replace(self, item=replace(self.item, mapping=True))
        return replace(self, item=None) if self.item.index == 0 else None


#: What a test asks the presence of, and the outcome of the test for its absence.
Absence: TypeAlias = tuple[Held | None, bool]


@frozen
class Reads:
    """The paths of relationships that are certainly read; `raises`: unless the code raises first.

    `places` are the file and line where each is read first.
    """

    paths: Paths = frozenset()
    raises: bool = False
    places: Mapping[Path, str] = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """One call of a function, or a template that is rendered (`key` "")."""

    key: str
    file: str
    env: dict[str, Held]
    returns: list[tuple[Paths, Held | None]] = field(default_factory=list)
    #: For each loop over the objects around: what the rounds that were continued have read.
    rounds: list[list[Paths]] = field(default_factory=list)
    #: How many blocks are around that may take the objects from their session at their end.
    guarded: int = 0


def bound(
    info: FunctionInfo, given: Sequence[Held | None], named: Mapping[str, Held | None]
) -> dict[str, Held]:
    """What a function's parameters hold in a call."""
    names = [a.arg for a in positional(info.node.args)]
    pairs = [*zip(names, given, strict=False), *named.items()]
    return {name: value for name, value in pairs if value is not None}


def bindings(target: Target, held: Held | None) -> dict[str, Held]:
    """What the names of a target hold when it is given one thing that is held."""
    if held is None:
        return {}
    if isinstance(target, str):
        return {target: held} if target and (held.many or not held.numbered) else {}
    if held.many:
        return {}
    if held.numbered:
        return bindings(target[1], replace(held, numbered=False)) if len(target) == 2 else {}
    if held.item is None or held.item.mapping or held.item.index >= len(target):
        return {}
    return bindings(target[held.item.index], replace(held, item=None))


def first_parameter(info: FunctionInfo) -> str:
    found = positional(info.node.args)
    return found[0].arg if found else ""


def one_of(values: tuple[object, ...]) -> Held | None:
    """The one thing that is held, whichever way was taken."""
    first = values[0] if values else None
    same = all(value == first for value in values)
    return first if same and isinstance(first, Held) else None


def _covers(paths: Paths, path: Path) -> bool:
    """Whether a way has read a path, or has nothing there to read."""
    return path in paths or any((*path[:i], NOTHING) in paths for i in range(len(path)))


def meet_all(ways: Sequence[Paths | None]) -> Paths | None:
    """What was read on every way that is gone to its end; None where none is."""
    gone = [way for way in ways if way is not None]
    if not gone:
        return None
    first, *others = gone
    for other in others:
        first = frozenset(
            {p for p in first if _covers(other, p)} | {p for p in other if _covers(first, p)}
        )
    return first
