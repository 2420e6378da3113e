"""An inventory as JSON: one versioned object, described in docs/scan.md."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from migrator.codemod.effort import WEIGHTS
from migrator.codemod.inventory import Inventory
from migrator.codemod.order import Step
from migrator.report import codemod_json
from migrator.report.pages import title

VERSION = 1
#: What a scan says in the words of a conversion.
_SHARED = (
    "migrator",
    "source",
    "application",
    "flask",
    "totals",
    "endpoints",
    "findings",
    "bridged",
    "notes",
)


def as_dict(found: Inventory) -> dict[str, Any]:
    """The inventory as plain data."""
    shared = codemod_json.as_dict(found.outcome)
    counts = Counter(f.code for f in found.outcome.findings)
    return {
        "version": VERSION,
        **{key: shared[key] for key in _SHARED},
        "suppressed": shared["suppressed"],
        "codes": [
            {"code": code, "count": count, "title": title(code)}
            for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ],
        "sites": [
            {
                "path": site.path,
                "line": site.line,
                "column": site.column,
                "symbol": site.symbol,
                "status": site.status,
            }
            for site in found.sites
        ],
        "models": [
            {
                "model": model.name,
                "table": model.table,
                "path": model.path,
                "line": model.line,
                "columns": model.columns,
                "relationships": [
                    {"name": name, "target": target, "lazy": lazy}
                    for name, target, lazy in model.relationships
                ],
            }
            for model in found.models
        ],
        "extensions": [
            {"name": e.dotted, "effect": e.effect, "path": e.path, "line": e.line}
            for e in found.extensions
        ],
        "files": [
            {"path": path, "findings": findings, "bridged": bridged}
            for path, findings, bridged in found.outcome.needing_work()
        ],
        "effort": {
            "hours": found.hours,
            "preparation": found.preparation,
            "weights": dict(WEIGHTS),
        },
        "order": [_step(step) for step in found.order],
    }


def dumps(found: Inventory) -> str:
    """The inventory as one JSON text."""
    return json.dumps(as_dict(found), indent=2, ensure_ascii=False)


def _step(step: Step) -> dict[str, Any]:
    return {
        "group": step.group,
        "endpoints": [e.endpoint.endpoint for e in step.endpoints],
        "levels": {level: step.levels[level] for level in ("native", "bridged", "legacy")},
        "writes": step.writes,
        "sites": step.sites,
        "findings": step.findings,
        "hours": step.hours,
        "needs": list(step.needs),
        "shares": list(step.shares),
    }
