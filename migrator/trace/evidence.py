"""A trace file as frozen data; docs/trace.md describes the file, `migrator.runtime.trace` writes it."""

from __future__ import annotations

from pathlib import PurePosixPath

from migrator.frozen import frozen


@frozen
class Call:
    """One call of the application on the way to an access."""

    path: str
    line: int
    function: str


@frozen
class Access:
    """A way on which an attribute was reached: its calls, innermost first, and how often."""

    count: int
    calls: tuple[Call, ...]


@frozen
class Attribute:
    """An attribute of a mapped class; `owner` is `module:QualName`. `*`: what a commit expired."""

    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner.rpartition(':')[2]}.{self.name}"


@frozen
class LazyLoads:
    """What was loaded lazily along one path from the objects of a query.

    `loads` statements in `in_runs` runs of the query, at most `most` in one of them; they gave
    `objects` in `fruitful` runs. No loads: the query loads it itself, and more was loaded behind.
    """

    along: tuple[Attribute, ...]
    kind: str
    loads: int
    most: int
    in_runs: int
    objects: int
    fruitful: int
    accesses: tuple[Access, ...]


@frozen
class TracedQuery:
    """A query of the application; lines from 1, columns in UTF-8 bytes from 0, -1: not known.

    It ran `runs` times; `fruitful` runs gave `objects` of `entity` (`module:QualName`).
    """

    path: str
    line: int
    end_line: int
    column: int
    end_column: int
    function: str
    entity: str
    runs: int
    fruitful: int
    objects: int
    lazy: tuple[LazyLoads, ...]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


@frozen
class Trace:
    """A whole file: the SHA-256 of every source file named, and the queries."""

    files: dict[str, str]
    queries: tuple[TracedQuery, ...]

    def file_for(self, path: str, folder: str, digest: str) -> str | None:
        """How the trace calls the file `path` of the folder named `folder`; None where it doesn't.

        The trace's root is the folder or one around it. `digest`, the file's hash, decides between
        several.
        """
        whole = PurePosixPath(folder, path).parts
        found = [n for n in self.files if _common(n, whole) >= len(whole) - 1]
        return max(found, key=lambda n: (_common(n, whole), self.files[n] == digest), default=None)


def _common(name: str, whole: tuple[str, ...]) -> int:
    """How many of the last parts are the same."""
    pairs = zip(reversed(PurePosixPath(name).parts), reversed(whole), strict=False)
    return next(
        (i for i, (a, b) in enumerate(pairs) if a != b), min(name.count("/") + 1, len(whole))
    )
