"""What is in a repository before anything is rewritten: endpoints, queries, models, work, an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from migrator.codemod.convert import Conversion
from migrator.codemod.effort import Kind, finding_hours, site_hours
from migrator.codemod.finding import Finding
from migrator.codemod.levels import reached
from migrator.codemod.order import Step, suggest
from migrator.codemod.outcome import outcome_of, site_statuses
from migrator.codemod.places import Places
from migrator.codemod.result import Outcome
from migrator.frozen import frozen
from migrator.index.model import Model
from migrator.surface.model import Extension


@frozen
class QuerySite:
    """One place where the database is asked, and what would become of it."""

    path: str
    line: int
    column: int
    symbol: str
    status: str


@frozen
class MappedClass:
    """One model; `relationships` are (name, target's name, loader)."""

    name: str
    table: str
    path: str
    line: int
    columns: int
    relationships: tuple[tuple[str, str, str], ...]


@frozen
class Inventory:
    """Everything that `migrator scan` says.

    `preparation` are the hours for what belongs to no endpoint: findings about files, extensions
    and set-up, queries that only commands and tasks run.
    """

    outcome: Outcome
    sites: tuple[QuerySite, ...]
    models: tuple[MappedClass, ...]
    extensions: tuple[Extension, ...]
    order: tuple[Step, ...]
    preparation: float

    @property
    def hours(self) -> float:
        """The whole effort."""
        return round(self.preparation + sum(step.hours for step in self.order), 2)


def inventory_of(
    conversion: Conversion, *, select: Sequence[str], ignore: Sequence[str]
) -> Inventory:
    """Take stock. `select` and `ignore` are codes or beginnings of codes, for the findings."""
    outcome = outcome_of(conversion, select=select, ignore=ignore)
    places = Places(conversion.project.modules.values())
    statuses = list(site_statuses(conversion))
    surface = conversion.surface
    calls = (
        reached(surface, conversion.plan, conversion.state, conversion.decisions)
        if surface is not None
        else {}
    )
    asked = {key for keys in calls.values() for key in keys}
    sites: dict[str, list[str]] = defaultdict(list)
    names = {m.path: m.name for m in conversion.project.modules.values()}
    for site, status in statuses:
        sites[f"{names[site.path]}:{site.symbol}"].append(status)
    findings = _by_function(conversion, outcome.findings)
    kinds: set[Kind] = set()
    own = [f for key, found in findings.items() if key not in asked for f in found]
    rest = [status for key, found in sites.items() if key not in asked for status in found]
    preparation = finding_hours(own, kinds) + site_hours(rest)
    return Inventory(
        outcome,
        tuple(
            QuerySite(s.path, s.line, s.column, places.dotted(s.symbol), status)
            for s, status in statuses
        ),
        tuple(
            _model(conversion, m)
            for m in conversion.state.models.by_key.values()
            if m.info.module.name not in conversion.apart
        ),
        surface.extensions if surface is not None else (),
        suggest(outcome.endpoints, calls, sites, findings, kinds),
        round(preparation, 2),
    )


def _by_function(conversion: Conversion, findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Findings by the function that they stand in; "" for those of none."""
    keys = {
        (function.module.path, Places.dotted(function.key.partition(":")[2])): key
        for key, function in conversion.project.functions.items()
    }
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[keys.get((finding.path, finding.symbol), "")].append(finding)
    return found


def _model(conversion: Conversion, model: Model) -> MappedClass:
    models = conversion.state.models.by_key
    return MappedClass(
        model.name,
        model.tablename,
        model.info.module.path,
        model.info.node.lineno,
        len(model.columns),
        tuple(
            (r.name, models[r.target].name if r.target in models else "", r.lazy)
            for r in model.relationships.values()
        ),
    )
