"""The outcome of a run, frozen: what reports are made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles

from .model import Comparison, Observation, Request, Verdict
from .rules import Rule

#: The tier of a request that was asked among others.
AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One request on both sides, and the verdict."""

    flow: str
    step: int
    name: str
    endpoint: str
    request: Request
    legacy: Observation
    target: Observation
    comparison: Comparison
    actor: str | None = None
    tier: str = ""
    line: int = 0

    @property
    def verdict(self) -> Verdict:
        return self.comparison.verdict

    @property
    def title(self) -> str:
        """What a person calls this case."""
        name = (
            self.flow if self.flow == self.name or not self.name else f"{self.flow} › {self.name}"
        )
        return f"{name} ({AT_ONCE})" if self.tier == AT_ONCE else name


@dataclass(frozen=True, slots=True)
class Side:
    """One side of some requests: SQL statements in all, and seconds by percentile."""

    statements: int
    p50: float
    p95: float
    p99: float


def side_of(observations: list[Observation]) -> Side:
    """The figures of some observations."""
    seconds = sorted(o.seconds for o in observations)
    if not seconds:
        return Side(0, 0.0, 0.0, 0.0)
    cuts = quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
    return Side(sum(len(o.statements) for o in observations), median(seconds), cuts[94], cuts[98])


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """All requests to one legacy endpoint."""

    endpoint: str
    rule: str
    methods: tuple[str, ...]
    level: str
    requests: int
    verdict: Verdict
    verdicts: Mapping[Verdict, int]
    legacy: Side
    target: Side
    implicit_loads: int = 0
    writes: int = 0


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A declared rule and how often it excused something."""

    rule: Rule
    differences: int
    cases: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of the legacy application's URL map."""

    name: str
    rule: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What requests were answered while others ran, `together` at a time.

    `left` has the titles of those that it says nothing of, by the reason. `written` is what the
    target wrote only then. `passed` says whether each was answered as it is alone.
    """

    together: int
    cases: tuple[CaseResult, ...]
    left: Mapping[str, tuple[str, ...]]
    written: tuple[str, ...] = ()

    @property
    def limit(self) -> str:
        """What this never says anything of."""
        return (
            "requests that write ran among others that read, never two of them at once: "
            "how they meet is not compared"
        )

    @property
    def passed(self) -> bool:
        """At least one request was asked so, none was answered otherwise, and nothing was written."""
        alike = all(case.verdict.passed for case in self.cases)
        return bool(self.cases) and alike and not self.written


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run. `passed` says whether it proves both sides alike."""

    legacy: str
    target: str
    databases: tuple[str, ...]
    started: datetime
    seconds: float
    clock: datetime
    cases: tuple[CaseResult, ...]
    endpoints: tuple[EndpointRow, ...]
    rules: tuple[RuleUse, ...] = ()
    uncovered: tuple[Endpoint, ...] = ()
    notes: tuple[str, ...] = ()
    cases_file: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    at_once: AtOnce | None = None
    #: Requests that were not sent, as somebody stopped the run.
    unsent: int = 0

    @property
    def totals(self) -> dict[Verdict, int]:
        """Requests by verdict, every verdict present."""
        counts = Counter(case.verdict for case in self.cases)
        return {verdict: counts[verdict] for verdict in Verdict}

    @property
    def passed(self) -> bool:
        """All were sent; none differs, failed or could not be compared, nor at once where that was asked for."""
        alone = bool(self.cases) and all(case.verdict.passed for case in self.cases)
        alone = alone and not self.unsent
        return alone and (self.at_once is None or self.at_once.passed)

    @property
    def every_case(self) -> tuple[CaseResult, ...]:
        """The requests alone, and those at once."""
        return (*self.cases, *(self.at_once.cases if self.at_once is not None else ()))

    @property
    def failures(self) -> tuple[CaseResult, ...]:
        """The requests that are no proof."""
        return tuple(case for case in self.every_case if not case.verdict.passed)

    @property
    def exit_code(self) -> int:
        """0 where both sides are alike, 1 where they are not."""
        return 0 if self.passed else 1
