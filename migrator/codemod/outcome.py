"""What a conversion came to: the sum of the sites, the endpoints' levels, and what is left to do.

A finding is something to be done by hand. What runs in the bridge works unchanged, so it is told
with its reason and is no finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from migrator.codemod.asgi import serving
from migrator.codemod.convert import Conversion
from migrator.codemod.faults import in_a_room
from migrator.codemod.finding import Finding
from migrator.codemod.findings.at_once import at_once
from migrator.codemod.findings.begun_twice import begun_twice
from migrator.codemod.findings.calls_from_beside import calls_from_beside
from migrator.codemod.findings.celery_tasks import tasks_of_one_name
from migrator.codemod.findings.defined_beside import defined_beside
from migrator.codemod.findings.driver_connections import driver_connections
from migrator.codemod.findings.earlier_extension import earlier_extension
from migrator.codemod.findings.earlier_releases import earlier_releases
from migrator.codemod.findings.event_loop import loop_findings
from migrator.codemod.findings.files import file_findings
from migrator.codemod.findings.lost_imports import lost_imports
from migrator.codemod.findings.modules_in_texts import modules_in_texts
from migrator.codemod.findings.once_a_process import once_a_process
from migrator.codemod.findings.proxies import loading_proxies
from migrator.codemod.findings.queries_put_away import queries_put_away
from migrator.codemod.findings.shared_bases import shared_bases
from migrator.codemod.findings.sites import bridged_site, converted_site, left_call, left_site
from migrator.codemod.findings.stopped_iterations import stopped_iterations
from migrator.codemod.findings.strange_sessions import strange_sessions
from migrator.codemod.findings.unlisted import unlisted_routes
from migrator.codemod.findings.unseen import unseen_blueprints
from migrator.codemod.findings.wide_listeners import wide_listeners
from migrator.codemod.levels import endpoint_levels
from migrator.codemod.places import Places
from migrator.codemod.result import Bridged, Change, EndpointLevel, Outcome, Totals
from migrator.codemod.suppress import Keep, keeps
from migrator.codemod.uncollected import uncollected
from migrator.index.beside import modules_beside
from migrator.index.definitions import Module
from migrator.plan.model import Site
from migrator.surface.read import left_finding


@uncollected()
def outcome_of(
    conversion: Conversion,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Outcome:
    """Sum up a conversion. `select` and `ignore` are codes or beginnings of codes."""
    beside = modules_beside(conversion.project)
    read = [*conversion.project.modules.values(), *beside]
    places = Places(read)
    endpoints = _endpoints(conversion)
    left, bridged, totals = _sites(conversion)
    found = [*conversion.findings, *left]
    checks: tuple[tuple[Any, ...], ...] = (
        (file_findings,),
        (earlier_releases,),
        (_surface_findings, endpoints),
        (unseen_blueprints,),
        (unlisted_routes,),
        (strange_sessions,),
        (shared_bases,),
        (wide_listeners,),
        (begun_twice,),
        (once_a_process,),
        (tasks_of_one_name,),
        (loop_findings,),
        (driver_connections,),
        (earlier_extension,),
        (stopped_iterations,),
        (lost_imports,),
        (at_once,),
        (queries_put_away,),
        (loading_proxies,),
        (modules_in_texts,),
        (calls_from_beside, beside),
        (defined_beside, bridged),
    )
    for check, *given in checks:
        found.extend(in_a_room(conversion, check, *given))
    settled = _paths(conversion, conversion.converted | conversion.failed)
    found.extend(left_call(c) for c in conversion.plan.calls if c.path not in settled)
    found = [_placed(f, places) for f in dict.fromkeys(found)]
    kept, open_bridged, unused, suppressed = _suppress(read, found, bridged)
    found = [f for f in (*kept, *unused) if _selected(f.code, select, ignore)]
    found.sort(key=lambda f: (f.path, f.line, f.column, f.code))
    return Outcome(
        conversion.project.root.name,
        conversion.package,
        _application(conversion),
        totals,
        endpoints,
        tuple(f for f in found if f.severity != "info"),
        tuple(b for b in open_bridged if _selected(b.code, select, ignore)),
        tuple(f for f in found if f.severity == "info"),
        _changes(conversion),
        suppressed,
        _flask(conversion),
        _serve(conversion),
    )


def _flask(conversion: Conversion) -> str:
    why = conversion.surface.flask if conversion.surface is not None else None
    return why.reason if why is not None else ""


def _application(conversion: Conversion) -> str:
    site = conversion.surface.site if conversion.surface is not None else None
    return f"{site.module}:{site.attribute}" if site is not None else ""


def _serve(conversion: Conversion) -> str:
    site = conversion.surface.site if conversion.surface is not None else None
    return serving(conversion.project, site, conversion.package) if site is not None else ""


def _endpoints(conversion: Conversion) -> tuple[EndpointLevel, ...]:
    if conversion.surface is None:
        return ()
    return endpoint_levels(
        conversion.surface,
        conversion.plan,
        conversion.state,
        conversion.decisions,
        conversion.failed,
    )


def _sites(conversion: Conversion) -> tuple[list[Finding], list[Bridged], Totals]:
    failed = _paths(conversion, conversion.failed)
    converted = _paths(conversion, conversion.converted)
    names = {module.path: module.name for module in conversion.project.modules.values()}
    left: list[Finding] = []
    bridged: list[Bridged] = []
    native = 0
    for site, status in site_statuses(conversion):
        if status == "left":
            left.append(left_site(site, site.path in failed))
        elif status == "native":
            native += 1
        elif site.path in converted:
            bridged.append(converted_site(site))
        else:
            bridged.append(bridged_site(site, names[site.path], conversion))
    totals = Totals(len(conversion.plan.sites), native, len(bridged), len(left))
    return left, bridged, totals


def site_statuses(conversion: Conversion) -> Iterator[tuple[Site, str]]:
    """Every query site with what became of it: native, bridged or left."""
    failed = _paths(conversion, conversion.failed)
    converted = _paths(conversion, conversion.converted)
    for site in conversion.plan.sites:
        if site.path in failed:
            yield site, "left"
        elif site.path in converted and site.status != "left":
            yield site, "bridged"
        else:
            yield site, site.status


def _paths(conversion: Conversion, modules: Collection[str]) -> set[str]:
    return {conversion.project.modules[name].path for name in modules}


def _surface_findings(
    conversion: Conversion, endpoints: tuple[EndpointLevel, ...]
) -> list[Finding]:
    """What the application's surface says, and one finding for each endpoint on the mount."""
    surface = conversion.surface
    if surface is None:
        return []
    own = [
        left_finding(found.endpoint, replace(found.refusal, reason=found.reason))
        for found in endpoints
        if found.level == "legacy" and found.refusal is not None
    ]
    return [
        # The surface counts columns from 0.
        Finding(
            f.path, f.line, f.column + 1, f.code, f.message, f.symbol, f.hint,
            "info" if f.level == "info" else "error",
        )
        for f in dict.fromkeys([*surface.findings, *own])
    ]  # fmt: skip


def _placed(finding: Finding, places: Places) -> Finding:
    """The finding with the name of what encloses it, and its column in characters."""
    symbol = places.dotted(finding.symbol) or places.symbol(finding.path, finding.line)
    column = places.column(finding.path, finding.line, finding.column)
    return replace(finding, symbol=symbol, column=column)


def _suppress(
    modules: Sequence[Module], found: list[Finding], bridged: list[Bridged]
) -> tuple[list[Finding], list[Bridged], list[Finding], int]:
    """What no comment covers, and a finding for each comment that covers nothing."""
    comments: dict[str, list[Keep]] = {
        module.path: here for module in modules if (here := keeps(module.source.text))
    }
    used: set[tuple[str, str, int]] = set()

    def covered(item: Finding | Bridged) -> bool:
        hits = [k for k in comments.get(item.path, ()) if k.covers(item.line, item.code)]
        used.update((item.path, item.code, k.line) for k in hits)
        return bool(hits)

    open_findings = [f for f in found if not covered(f)]
    open_bridged = [b for b in bridged if not covered(b)]
    unused = [
        finding
        for path, here in comments.items()
        for keep in here
        for finding in _unused(path, keep, used)
    ]
    suppressed = len(found) - len(open_findings) + len(bridged) - len(open_bridged)
    return open_findings, open_bridged, unused, suppressed


def _unused(path: str, keep: Keep, used: set[tuple[str, str, int]]) -> list[Finding]:
    if not keep.codes:
        return [
            Finding(
                path, keep.line, keep.column, "MIG191",
                "This comment can't be understood.",
                hint="Write it as `# migrator: keep[MIG402] why`, several codes with commas.",
            )
        ]  # fmt: skip
    return [
        Finding(
            path, keep.line, keep.column, "MIG190",
            f"Nothing here is a {code}: the comment keeps nothing.",
            hint="Remove the comment, or this code of it.",
        )
        for code in keep.codes
        if (path, code, keep.line) not in used
    ]  # fmt: skip


def _selected(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """The longest beginning that fits decides, as in Ruff; without any, everything is selected."""
    chosen = max((len(s) for s in select if code.startswith(s)), default=-1 if select else 0)
    dropped = max((len(i) for i in ignore if code.startswith(i)), default=-1)
    return 0 <= chosen > dropped


def _changes(conversion: Conversion) -> tuple[Change, ...]:
    sources = {m.path: m.source for m in conversion.project.modules.values()}
    return tuple(
        Change(path, source.text, text, source.encoding, source.bom)
        if (source := sources.get(path)) is not None
        else Change(path, conversion.documents.get(path, ""), text)
        for path, text in sorted(conversion.texts.items())
        if path not in sources or text != sources[path].text
    )
