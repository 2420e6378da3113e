"""How much work a conversion is: an estimate whose every part can be looked up.

What the codemod does costs its review; what it leaves costs a hand. A finding that says what
another one says is done with it, so the first of its kind costs most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from migrator.codemod.finding import Finding
from migrator.codemod.result import EndpointLevel

#: Hours for one of each.
WEIGHTS: Final[Mapping[str, float]] = {
    "endpoint that reads": 0.1,
    "endpoint that writes": 0.25,
    "native site": 0.02,
    "bridged site": 0.05,
    "finding of a new kind": 1.0,
    "finding of a known kind": 0.1,
}
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: What makes two findings one piece of work: the code, and what is to be done.
Kind = tuple[str, str]


def reads_only(found: EndpointLevel) -> bool:
    """Whether none of its methods is meant to change anything."""
    return SAFE.issuperset(found.endpoint.methods)


def endpoint_hours(endpoints: Iterable[EndpointLevel]) -> float:
    """Cases for the compare, and a look at the result; what stays on the mount needs neither."""
    served = [e for e in endpoints if e.level != "legacy"]
    reading = sum(reads_only(e) for e in served)
    return (
        reading * WEIGHTS["endpoint that reads"]
        + (len(served) - reading) * WEIGHTS["endpoint that writes"]
    )


def site_hours(statuses: Iterable[str]) -> float:
    """The review of what became of query sites; those that are left are findings."""
    return sum(WEIGHTS[f"{status} site"] for status in statuses if status != "left")


def finding_hours(findings: Iterable[Finding], known: set[Kind]) -> float:
    """The work by hand; `known` are the kinds that were met before, and is added to."""
    hours = 0.0
    for finding in findings:
        kind = (finding.code, finding.hint)
        new = kind not in known
        known.add(kind)
        hours += WEIGHTS["finding of a new kind" if new else "finding of a known kind"]
    return hours
