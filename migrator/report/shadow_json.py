"""A shadow run as JSON: one versioned object, described in docs/shadow.md."""

from __future__ import annotations

import base64
import json
from typing import Any

from migrator.report.shadow_redact import redacted
from migrator.runtime.shadow import (
    AtOnce,
    CaseResult,
    Difference,
    EndpointRow,
    Observation,
    Report,
    Response,
    Rule,
    RuleUse,
    Side,
)

VERSION = 1


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain data; requests that are alike carry no bodies."""
    return {
        "version": VERSION,
        "passed": report.passed,
        "legacy": report.legacy,
        "target": report.target,
        "databases": list(report.databases),
        "cases_file": report.cases_file,
        "started": report.started.isoformat(),
        "clock": report.clock.isoformat(),
        "seconds": round(report.seconds, 3),
        "versions": dict(report.versions),
        "totals": {
            "requests": len(report.cases),
            "unsent": report.unsent,
            "endpoints": len(report.endpoints),
            "verdicts": {verdict.value: count for verdict, count in report.totals.items()},
        },
        "endpoints": [_endpoint(row) for row in report.endpoints],
        "uncovered": [
            {"endpoint": e.name, "rule": e.rule, "methods": list(e.methods)}
            for e in report.uncovered
        ],
        "rules": [_rule_use(use) for use in report.rules],
        "notes": list(report.notes),
        "cases": [_case(case) for case in report.cases],
        "at_once": _at_once(report.at_once) if report.at_once is not None else None,
    }


def dumps(report: Report) -> str:
    """The report as one JSON text."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False)


def _at_once(found: AtOnce) -> dict[str, Any]:
    return {
        "together": found.together,
        "passed": found.passed,
        "requests": len(found.cases),
        "not_compared": [
            {"reason": reason, "requests": list(titles)} for reason, titles in found.left.items()
        ],
        "limit": found.limit,
        "written": list(found.written),
        "cases": [_case(case) for case in found.cases],
    }


def _endpoint(row: EndpointRow) -> dict[str, Any]:
    return {
        "endpoint": row.endpoint,
        "rule": row.rule,
        "methods": list(row.methods),
        "level": row.level,
        "requests": row.requests,
        "verdict": row.verdict.value,
        "verdicts": {verdict.value: count for verdict, count in row.verdicts.items()},
        "legacy": _side(row.legacy),
        "target": _side(row.target),
        "implicit_loads": row.implicit_loads,
        "rows_written": row.writes,
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "statements": side.statements,
        "p50_ms": round(side.p50 * 1000, 3),
        "p95_ms": round(side.p95 * 1000, 3),
        "p99_ms": round(side.p99 * 1000, 3),
    }


def _rule_use(use: RuleUse) -> dict[str, Any]:
    rule: Rule = use.rule
    return {
        "name": rule.name,
        "owner": rule.owner,
        "reason": rule.reason,
        "expires": rule.expires.isoformat() if rule.expires else None,
        "line": rule.line,
        "differences": use.differences,
        "cases": use.cases,
        "unused": not use.differences,
    }


def _case(case: CaseResult) -> dict[str, Any]:
    full = not case.verdict.passed
    return {
        "name": case.title,
        "flow": case.flow,
        "step": case.step,
        "line": case.line,
        "actor": case.actor,
        "endpoint": case.endpoint,
        "method": case.request.method,
        "path": case.request.target,
        "verdict": case.verdict.value,
        "tier": case.tier,
        "differences": [_difference(d) for d in case.comparison.differences],
        "excused": [{**_difference(d), "rule": d.rule} for d in case.comparison.excused],
        "notes": list(case.comparison.notes),
        "legacy": _observation(case.legacy, full),
        "target": _observation(case.target, full),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "channel": difference.channel,
        "path": difference.path,
        "kind": difference.kind,
        "group": difference.group,
        "legacy": difference.legacy,
        "target": difference.target,
        "detail": difference.detail,
    }


def _observation(observation: Observation, full: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "status": None if observation.response is None else observation.response.status,
        "ms": round(observation.seconds * 1000, 3),
        "statements": len(observation.statements),
        "rows_written": len(observation.writes),
        "exceptions": [failure.name for failure in observation.failures],
        "served_by": observation.served_by,
        "implicit_loads": list(observation.implicit_loads),
    }
    if full and observation.response is not None:
        made["headers"] = [list(pair) for pair in redacted(observation.response.headers)]
        made.update(_body(observation.response))
    return made


def _body(response: Response) -> dict[str, str]:
    try:
        return {"body": response.body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(response.body).decode("ascii")}
