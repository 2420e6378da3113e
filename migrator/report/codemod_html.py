"""A conversion as one self-contained HTML page: no network, readable without JavaScript.

The page is `codemod.html` beside this file; this module only arranges what it shows.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from migrator import __version__
from migrator.codemod.finding import Finding
from migrator.codemod.result import Bridged, Outcome
from migrator.frozen import frozen
from migrator.report.codemod_rows import Row, side_by_side
from migrator.report.groups import by_code
from migrator.report.pages import title


@frozen
class Group:
    """Findings of one code, or bridged sites of one reason."""

    code: str
    title: str
    items: tuple[Finding | Bridged, ...]
    hints: tuple[str, ...]


@frozen
class File:
    """One changed file with what is said of it."""

    path: str
    added: int
    removed: int
    rows: list[Row]
    findings: int
    bridged: int
    is_new: bool


def render(outcome: Outcome) -> str:
    """The page."""
    return page("codemod.html").render(
        outcome=outcome,
        version=__version__,
        sums=sums(outcome),
        groups=groups(outcome.findings),
        bridged=_by_reason(outcome.bridged),
        notes=groups(outcome.notes),
        work=outcome.needing_work(),
        files=_files(outcome),
        changed={change.path for change in outcome.changes},
    )


def page(name: str) -> Template:
    """A page of this folder, with what it includes."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    # Names of files are bytes: some are no UTF-8.
    environment.filters["anchor"] = lambda path: quote(os.fsencode(path))
    environment.filters["place"] = place
    return environment.get_template(name)


def place(item: Finding | Bridged) -> str:
    """Where it stands, as editors and terminals write it."""
    return f"{item.path}:{item.line}:{item.column}"


def sums(outcome: Outcome) -> list[tuple[str, int, list[tuple[str, str, int, float]]]]:
    """The two sums as (what, how many, parts)."""
    totals, levels = outcome.totals, outcome.levels()
    return [
        _sum("query sites", totals.seen, totals.native, totals.bridged, totals.left, "left"),
        *_endpoints(outcome, levels["native"], levels["bridged"], levels["legacy"]),
    ]


def _sum(
    name: str, total: int, native: int, bridged: int, rest: int, word: str
) -> tuple[str, int, list[tuple[str, str, int, float]]]:
    parts = [("native", "native", native), ("bridged", "bridged", bridged), ("left", word, rest)]
    return name, total, [(kind, text, n, 100 * n / (total or 1)) for kind, text, n in parts]


def _endpoints(
    outcome: Outcome, native: int, bridged: int, legacy: int
) -> list[tuple[str, int, list[tuple[str, str, int, float]]]]:
    if not outcome.endpoints:
        return []
    return [_sum("endpoints", len(outcome.endpoints), native, bridged, legacy, "legacy")]


def groups(findings: Sequence[Finding]) -> list[Group]:
    """Findings by code."""
    return [
        Group(
            code, title(code), tuple(found), tuple(dict.fromkeys(f.hint for f in found if f.hint))
        )
        for code, found in by_code(findings)
    ]


def _by_reason(sites: Sequence[Bridged]) -> list[Group]:
    groups: dict[tuple[str, str], list[Bridged]] = defaultdict(list)
    for site in sites:
        groups[(site.code, site.message)].append(site)
    return [
        Group(code, message, tuple(found), tuple(dict.fromkeys(s.hint for s in found if s.hint)))
        for (code, message), found in sorted(groups.items(), key=lambda i: (-len(i[1]), i[0]))
    ]


def _files(outcome: Outcome) -> list[File]:
    made = []
    for change in outcome.changes:
        rows = side_by_side(change.before, change.after)
        made.append(
            File(
                change.path,
                sum(r.kind in ("added", "changed") for r in rows),
                sum(r.kind in ("removed", "changed") for r in rows),
                rows,
                sum(f.path == change.path for f in outcome.findings),
                sum(b.path == change.path for b in outcome.bridged),
                not change.before,
            )
        )
    return made
