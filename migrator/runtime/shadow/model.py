"""What the shadow compare says: observations of one side, differences between two, verdicts."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


class Verdict(enum.StrEnum):
    """How alike the two sides were, best first."""

    IDENTICAL = "byte-identical"
    JSON_IDENTICAL = "json-identical"
    BY_RULE = "equivalent-by-rule"
    NOT_COMPARABLE = "not-comparable"
    DIFFERENT = "different"
    ERROR = "error"

    @property
    def passed(self) -> bool:
        """Whether it counts as proof that both sides answer alike."""
        return self in (Verdict.IDENTICAL, Verdict.JSON_IDENTICAL, Verdict.BY_RULE)


_ORDER = list(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; byte-identical when there is none."""
    return max(verdicts, key=_ORDER.index, default=Verdict.IDENTICAL)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes over the wire; `path` is percent-encoded and has no query."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    scheme: str = "http"
    host: str = "localhost"
    port: int = 80

    @property
    def target(self) -> str:
        """Path and query, as in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Response:
    """One response as it came back; header names keep their case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row written (or a statement that writes no rows one by one: truncate, ddl)."""

    table: str
    operation: str
    key: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that left the application or that it logged."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything one side did with one request."""

    response: Response | None
    failures: tuple[Failure, ...] = ()
    writes: tuple[RowChange, ...] = ()
    statements: tuple[str, ...] = ()
    seconds: float = 0.0
    served_by: str = ""
    implicit_loads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two sides did not do alike.

    `channel` is status, header, cookie, json, body, rows, exception or response; `path` says
    where in it, `kind` how (value, type, missing, extra, order, ...). Missing and extra are said
    of the target. `legacy` and `target` are short texts for people.
    """

    channel: str
    path: str
    kind: str
    legacy: str = ""
    target: str = ""
    detail: str = ""
    rule: str = ""
    values: tuple[object, object] | None = field(default=None, compare=False, repr=False)

    @property
    def group(self) -> str:
        """The same for differences of one cause: indices and rows' keys are wildcards, values are left out."""
        path = _any_row(self.path) if self.channel == "rows" else self.path
        parts = (self.channel, _INDEX.sub("[*]", path), self.kind)
        return " ".join(part for part in parts if part)


def _any_row(path: str) -> str:
    """`table[*].column` of a row's place, whose key is JSON: a number, a text, an object."""
    table, _, rest = path.partition("[")
    try:
        _, end = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return path
    return f"{table}[*]{rest[end + 1 :]}" if rest[end : end + 1] == "]" else path


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict on one request and all that led to it."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    excused: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
