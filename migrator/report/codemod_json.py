"""A conversion as JSON: one versioned object, described in docs/codemod.md."""

from __future__ import annotations

import json
from typing import Any

from migrator import __version__
from migrator.codemod.finding import Finding
from migrator.codemod.result import Bridged, EndpointLevel, Outcome

VERSION = 1


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain data."""
    totals = outcome.totals
    return {
        "version": VERSION,
        "migrator": __version__,
        "source": outcome.source,
        "package": outcome.package,
        "application": outcome.application,
        "flask": outcome.flask,
        "totals": {
            "seen": totals.seen,
            "native": totals.native,
            "bridged": totals.bridged,
            "left": totals.left,
        },
        "endpoints": [_endpoint(e) for e in outcome.endpoints],
        "findings": [_finding(f) for f in outcome.findings],
        "bridged": [_bridged(b) for b in outcome.bridged],
        "notes": [_finding(f) for f in outcome.notes],
        "suppressed": outcome.suppressed,
        "changed": [c.path for c in outcome.changes],
    }


def dumps(outcome: Outcome, diff: str | None = None) -> str:
    """The outcome as one JSON text; with `diff`, that is part of it."""
    made = as_dict(outcome)
    if diff is not None:
        made["diff"] = diff
    return json.dumps(made, indent=2, ensure_ascii=False)


def _endpoint(found: EndpointLevel) -> dict[str, Any]:
    return {
        "endpoint": found.endpoint.endpoint,
        "rule": found.endpoint.rule,
        "methods": list(found.endpoint.methods),
        "level": found.level,
        "reason": found.reason,
    }


def _finding(finding: Finding | Bridged) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "code": finding.code,
        "message": finding.message,
        "symbol": finding.symbol,
        "hint": finding.hint,
    }


def _bridged(site: Bridged) -> dict[str, Any]:
    return {**_finding(site), "chain": list(site.chain)}
