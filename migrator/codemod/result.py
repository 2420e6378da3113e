"""What a conversion came to, as reports say it: frozen data, which needs nothing that made it."""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypeAlias

from migrator.codemod.finding import Finding
from migrator.frozen import frozen
from migrator.queries.step import Refusal
from migrator.surface.model import Endpoint

Level: TypeAlias = Literal["legacy", "bridged", "native"]
#: How many files a report names as those with the most to do.
_MOST = 5


@frozen
class EndpointLevel:
    """One rule of the URL map and how it is served.

    `refusal` says why, None for native; `chain` are the functions from the view to the place that
    decides, by name.
    """

    endpoint: Endpoint
    level: Level
    refusal: Refusal | None = None
    chain: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """`order_page → render_template: templates load lazily`; "" for native."""
        if self.refusal is None:
            return ""
        path = " → ".join(self.chain)
        return f"{path}: {self.refusal.reason}" if path else self.refusal.reason


@frozen
class Bridged:
    """A query site that runs in the bridge; `chain` leads to the function that is the reason."""

    path: str
    line: int
    column: int
    code: str
    message: str
    symbol: str
    hint: str
    chain: tuple[str, ...]


@frozen
class Totals:
    """Counted in query sites; `seen` is the sum of the other three."""

    seen: int
    native: int
    bridged: int
    left: int


@frozen
class Change:
    """One file before and after; "" before for a file that is new.

    `encoding` is the file's own; `bom` says that it begins with a byte order mark, which the texts
    don't have.
    """

    path: str
    before: str
    after: str
    encoding: str = "utf-8"
    bom: bool = False


@frozen
class Outcome:
    """Everything that a report says.

    `source` and `package` are the names of the folder read and of the package written; `package` is
    "" where nothing gets a new name. `findings` are what is left to do by hand, `bridged` the sites
    that work in the bridge, `notes` what is good to know; all are sorted by place. `flask` says why
    the converted application stays one of Flask, "" where it is one of FastAPI. `serve` is the command that
    serves what was written, "" where there is none so simple.
    """

    source: str
    package: str
    application: str
    totals: Totals
    endpoints: tuple[EndpointLevel, ...]
    findings: tuple[Finding, ...]
    bridged: tuple[Bridged, ...]
    notes: tuple[Finding, ...]
    changes: tuple[Change, ...]
    suppressed: int = 0
    flask: str = ""
    serve: str = ""

    def levels(self) -> Counter[str]:
        """How many endpoints have each level."""
        return Counter(e.level for e in self.endpoints)

    def needing_work(self) -> list[tuple[str, int, int]]:
        """The files with the most findings, then the most bridged sites: (path, findings, bridged)."""
        findings = Counter(f.path for f in self.findings)
        bridged = Counter(b.path for b in self.bridged)
        paths = sorted({*findings, *bridged}, key=lambda p: (-findings[p], -bridged[p], p))
        return [(p, findings[p], bridged[p]) for p in paths[:_MOST]]
