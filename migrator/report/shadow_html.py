"""A shadow run as one self-contained HTML page: no network, readable without JavaScript.

The page is `shadow.html` beside this file; this module only arranges what it shows. Values of
credentials are shortened: a report is passed around.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from migrator.frozen import frozen
from migrator.report.shadow_causes import causes
from migrator.report.shadow_redact import redacted
from migrator.report.shadow_text import at_once_lines, milliseconds, one_line
from migrator.runtime.shadow import (
    CaseResult,
    EndpointRow,
    Report,
    Verdict,
)

_BODY_LIMIT = 6000
#: A statement that one request repeats this often is shown as N+1.
REPEATS = 5


@frozen
class Statement:
    """One SQL statement of an endpoint: how often on each side, and at most in one request."""

    text: str
    legacy: int
    target: int
    most: int


def render(report: Report) -> str:
    """The page."""
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters.update(
        ms=milliseconds, body=body_text, headers=shown_headers, line=one_line
    )
    template = environment.from_string(
        (Path(__file__).with_name("shadow.html")).read_text(encoding="utf-8")
    )
    return template.render(
        report=report,
        verdicts=list(Verdict),
        causes=causes(report),
        sections=[
            (row, cases_of(report, row), statements(report, row)) for row in report.endpoints
        ],
        replay=lambda case: replay(report, case),
        shares=shares(report),
        sql=(
            sum(row.legacy.statements for row in report.endpoints),
            sum(row.target.statements for row in report.endpoints),
        ),
        excused=[case for case in report.cases if case.comparison.excused],
        repeats=REPEATS,
        at_once=[line.plain for line in at_once_lines(report)],
    )


def cases_of(report: Report, row: EndpointRow) -> list[CaseResult]:
    """The requests of one endpoint, those that differ first."""
    found = [case for case in report.every_case if case.endpoint == row.endpoint]
    return sorted(found, key=lambda case: case.verdict.passed)


def statements(report: Report, row: EndpointRow) -> list[Statement]:
    """The SQL of one endpoint by text, with both sides' counts side by side."""
    sides: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    most: Counter[str] = Counter()
    for case in cases_of(report, row):
        for counts, observation in zip(sides, (case.legacy, case.target), strict=True):
            own = Counter(" ".join(text.split()) for text in observation.statements)
            counts.update(own)
            for text, times in own.items():
                most[text] = max(most[text], times)
    texts = dict.fromkeys([*sides[0], *sides[1]])
    return [Statement(text, sides[0][text], sides[1][text], most[text]) for text in texts]


def shares(report: Report) -> list[tuple[Verdict, int, float]]:
    """Verdicts that occurred, with their share of the requests in percent."""
    total = len(report.cases) or 1
    return [(v, n, 100 * n / total) for v, n in report.totals.items() if n]


def replay(report: Report, case: CaseResult) -> str:
    """The command that runs this one case again."""
    # A name is matched as it is before it is taken as a glob.
    words = ["migrator", "shadow", "run", "--legacy", report.legacy, "--target", report.target]
    words += ["--cases", report.cases_file, "--only", case.flow]
    return shlex.join(words)


def body_text(content: bytes) -> str:
    """A body as people can read it, cut where it is long."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return f"{len(content)} bytes: {content[:256].hex(' ')}"
    return text if len(text) <= _BODY_LIMIT else f"{text[:_BODY_LIMIT]}\n… {len(text)} characters"


def shown_headers(pairs: Iterable[tuple[str, str]]) -> str:
    """Headers, one a line, credentials shortened."""
    return "\n".join(f"{name}: {value}" for name, value in redacted(pairs))
