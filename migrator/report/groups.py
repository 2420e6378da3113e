"""Findings by code, in the order in which a report says them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from migrator.codemod.finding import Finding

#: Files of which nothing is known: much of what follows is for want of what they define.
_UNREAD = frozenset({"MIG101", "MIG102", "MIG103", "MIG903"})


def by_code(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """What is said of files that could not be read, then the most frequent first."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.code].append(finding)
    return sorted(found.items(), key=lambda g: (g[0] not in _UNREAD, -len(g[1]), g[0]))
