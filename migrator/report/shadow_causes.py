"""Differences grouped by what probably is one thing to repair.

What follows from something else is left out here (each request's own list has it all): an exception
explains the status, the body and the rows, another status explains the body.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.frozen import frozen
from migrator.runtime.shadow import CaseResult, Difference, Report

EXAMPLES = 5
_EXPLAINED = {
    "exception": {"status", "header", "body", "json", "response", "cookie", "rows"},
    "status": {"header", "body", "json", "cookie"},
}
Found = list[tuple[CaseResult, Difference]]


@frozen
class Cause:
    """Differences of one group; `detail` tells apart what the place alone doesn't."""

    group: str
    detail: str
    count: int
    cases: int
    endpoints: tuple[str, ...]
    examples: tuple[tuple[CaseResult, Difference], ...]


def causes(report: Report) -> list[Cause]:
    """Every cause, the one with the most requests first."""
    groups: dict[tuple[str, str], Found] = {}
    for case in report.every_case:
        for difference in primary(case.comparison.differences):
            groups.setdefault((difference.group, _detail(difference)), []).append(
                (case, difference)
            )
    made = [_cause(group, detail, found) for (group, detail), found in groups.items()]
    return sorted(made, key=lambda cause: -cause.cases)


def primary(differences: Iterable[Difference]) -> list[Difference]:
    """The differences that no other one of the same request explains."""
    given = list(differences)
    explained: set[str] = set()
    for channel, follows in _EXPLAINED.items():
        if any(difference.channel == channel for difference in given):
            explained |= follows
    return [difference for difference in given if difference.channel not in explained]


def _detail(difference: Difference) -> str:
    if difference.kind == "type":
        return difference.detail
    if difference.channel == "status":
        return f"{difference.legacy} → {difference.target}"
    if difference.channel == "exception":
        return difference.detail.partition("\n")[0][:200]
    return ""


def _cause(group: str, detail: str, found: Found) -> Cause:
    once: dict[int, tuple[CaseResult, Difference]] = {}
    for case, difference in found:
        once.setdefault(id(case), (case, difference))
    endpoints = tuple(dict.fromkeys(case.endpoint for case, _ in found))
    return Cause(
        group, detail, len(found), len(once), endpoints, tuple(list(once.values())[:EXAMPLES])
    )
