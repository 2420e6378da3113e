"""What the recorder counts: one entry a query of the application, below it one a path of loads.

A *path* leads from the objects that a query yields along the attributes that were loaded lazily:
`("shop.models:Order.lines", "shop.models:Line.product")`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .places import Place

if TYPE_CHECKING:
    # Legacy applications run on Pythons that know neither of the two.
    from typing import TypeAlias

    Path: TypeAlias = tuple[str, ...]


class Loads:
    """What was loaded lazily along one path of one query.

    `loads` statements in `runs` runs of the query, at most `most` in one of them; they gave
    `objects` in `fruitful` runs.
    """

    __slots__ = ("accesses", "fruitful", "kind", "loads", "most", "objects", "runs")

    def __init__(self) -> None:
        self.kind = ""
        self.loads = 0
        self.runs = 0
        self.most = 0
        self.objects = 0
        self.fruitful = 0
        self.accesses: Counter[tuple[Place, ...]] = Counter()


class Query:
    """One query of the application: `runs` of it; `fruitful` ones gave `objects`."""

    __slots__ = ("entity", "fruitful", "objects", "paths", "place", "runs")

    def __init__(self, place: Place, entity: str) -> None:
        self.place = place
        self.entity = entity
        self.runs = 0
        self.fruitful = 0
        self.objects = 0
        self.paths: dict[Path, Loads] = {}

    def along(self, path: Path) -> Loads:
        found = self.paths.get(path)
        if found is None:
            found = self.paths[path] = Loads()
        return found


class Run:
    """One run of a query, for as long as objects that it gave are alive."""

    __slots__ = ("_fruitful", "_loads", "query")

    def __init__(self, query: Query) -> None:
        self.query = query
        self._loads: dict[Path, int] = {}
        self._fruitful: set[Path] = set()
        query.runs += 1

    def gave(self, path: Path) -> None:
        """An object arrived: of the query itself, or of what was loaded along `path`."""
        target = self.query.along(path) if path else self.query
        target.objects += 1
        if path not in self._fruitful:
            self._fruitful.add(path)
            target.fruitful += 1

    def loaded(self, path: Path, kind: str, chain: tuple[Place, ...]) -> None:
        """An attribute was loaded by a statement of its own, asked for by the calls of `chain`."""
        entry = self.query.along(path)
        entry.kind = kind
        entry.loads += 1
        entry.accesses[chain] += 1
        count = self._loads[path] = self._loads.get(path, 0) + 1
        entry.runs += count == 1
        entry.most = max(entry.most, count)


class Origin:
    """Where an object comes from: a run, and the path from what it yields (None: not known).

    `entity` is the class that the path leads to; `beside` are the same of what else the query's
    rows hold.
    """

    __slots__ = ("beside", "entity", "path", "run")

    def __init__(self, run: Run, path: Path | None, entity: type) -> None:
        self.run = run
        self.path = path
        self.entity = entity
        self.beside: tuple[Origin, ...] = ()
