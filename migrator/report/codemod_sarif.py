"""A conversion as SARIF 2.1.0, for code hosts and editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from migrator import __version__
from migrator.codemod.finding import Finding
from migrator.codemod.result import Bridged, Outcome
from migrator.report.pages import pages

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
#: By custom the top of the work tree, which is where code hosts look for a path.
_ROOT = "%SRCROOT%"


def as_dict(outcome: Outcome, place: str = "") -> dict[str, Any]:
    """One run: a finding is a warning, what is bridged and what is good to know are notes.

    `place` is where the source lies in its work tree: `src/shop/`.
    """
    items = [*_items(outcome)]
    top = "The top of the work tree." if place else f"The folder {outcome.source}."
    codes = sorted({item.code for item, _ in items})
    index = {code: number for number, code in enumerate(codes)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "migrator",
                        "semanticVersion": __version__,
                        "rules": [_rule(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": top}}},
                "results": [_result(item, level, index[item.code], place) for item, level in items],
                "properties": {
                    "seen": outcome.totals.seen,
                    "native": outcome.totals.native,
                    "bridged": outcome.totals.bridged,
                    "left": outcome.totals.left,
                },
            }
        ],
    }


def dumps(outcome: Outcome, place: str = "") -> str:
    """The outcome as one SARIF text."""
    return json.dumps(as_dict(outcome, place), indent=2, ensure_ascii=False)


def _rule(code: str) -> dict[str, Any]:
    page = pages().get(code)
    if page is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "help": {"text": page.text, "markdown": page.text},
    }


def _items(outcome: Outcome) -> Iterator[tuple[Finding | Bridged, str]]:
    for finding in outcome.findings:
        yield finding, "error" if finding.code.startswith("MIG9") else "warning"
    for site in outcome.bridged:
        yield site, "note"
    for finding in outcome.notes:
        yield finding, "note"


def _result(item: Finding | Bridged, level: str, index: int, place: str) -> dict[str, Any]:
    text = f"{item.message[:1].upper()}{item.message[1:]}"
    if isinstance(item, Bridged):
        text = f"This query runs in the bridge: {' → '.join(item.chain)}: {item.message}."
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {
                "uri": quote(os.fsencode(posixpath.normpath(f"{place}{item.path}"))),
                "uriBaseId": _ROOT,
            },
            "region": {"startLine": item.line, "startColumn": item.column},
        }
    }
    if item.symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": item.symbol}]
    return {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": level,
        "message": {"text": f"{text} {item.hint}".strip()},
        "locations": [location],
    }
