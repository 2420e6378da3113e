"""A conversion in the terminal: the sum, the endpoints by level, findings by code, where to begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from migrator.codemod.finding import Finding
from migrator.codemod.result import Bridged, EndpointLevel, Outcome
from migrator.report import pages
from migrator.report.groups import by_code
from migrator.report.tables import new_table, print_table

STYLES = {"native": "green", "bridged": "yellow", "left": "bold red", "legacy": "bold red"}
_SHOWN = 10


def print_report(outcome: Outcome, console: Console, *, verbose: bool = False) -> None:
    """The whole report; `verbose` shows every endpoint and every place, not the first of each."""
    print_head(outcome, console)
    if verbose and outcome.endpoints:
        console.print()
        print_table(endpoint_table(outcome.endpoints), console)
    print_findings("left to do by hand", outcome, console, verbose=verbose)
    print_work(outcome, console)
    console.print()
    console.print(closing(outcome), soft_wrap=True)


def print_findings(title: str, outcome: Outcome, console: Console, *, verbose: bool) -> None:
    """Findings by code, bridged sites by reason, and what is good to know."""
    shown = None if verbose else _SHOWN
    _findings(title, outcome.findings, console, shown)
    _bridged(outcome.bridged, console, verbose)
    if outcome.notes:
        _findings("good to know", outcome.notes, console, shown)


def print_head(outcome: Outcome, console: Console) -> None:
    """What was read, the two sums, and why Flask stays the frame where it does."""
    title = Text(outcome.source, style="bold")
    if outcome.package:
        title.append(" → ").append(outcome.package)
    if outcome.application:
        title.append(f"   application {outcome.application}", style="dim")
    console.print(title, soft_wrap=True)
    totals = outcome.totals
    counts = {"native": totals.native, "bridged": totals.bridged, "left": totals.left}
    console.print(_sum("query sites", totals.seen, counts), soft_wrap=True)
    if outcome.application:
        levels = outcome.levels()
        counts = {name: levels[name] for name in ("native", "bridged", "legacy")}
        console.print(_sum("endpoints", len(outcome.endpoints), counts), soft_wrap=True)
    if outcome.flask:
        console.print(Text(f"  {outcome.flask}", style="dim"), soft_wrap=True)


def _sum(name: str, total: int, counts: dict[str, int]) -> Text:
    """`query sites   122 = 105 native + 17 bridged + 0 left   (86 %, 14 %, 0 %)`."""
    line = Text(f"  {name:<12} {total:>5} = ")
    for number, (what, count) in enumerate(counts.items()):
        line.append(" + " if number else "")
        line.append(f"{count} {what}", style=STYLES[what] if count else "dim")
    if total:
        shares = ", ".join(f"{100 * count / total:.0f} %" for count in counts.values())
        line.append(f"   ({shares})", style="dim")
    return line


def endpoint_table(endpoints: Sequence[EndpointLevel]) -> Table:
    """Every endpoint with its level and reason."""
    table = new_table()
    for name in ("endpoint", "methods", "rule", "level"):
        table.add_column(name, no_wrap=True)
    table.add_column("reason", min_width=30)
    for found in endpoints:
        table.add_row(
            Text(found.endpoint.endpoint),
            Text(" ".join(found.endpoint.methods)),
            Text(found.endpoint.rule),
            Text(found.level, style=STYLES[found.level]),
            Text(found.reason),
        )
    return table


def _findings(title: str, findings: Iterable[Finding], console: Console, shown: int | None) -> None:
    groups = by_code(findings)
    if groups:
        console.print()
        console.print(Text(title, style="bold"))
    for code, found in groups:
        console.print(_group(code, len(found)).append(f"  {pages.title(code)}"), soft_wrap=True)
        for finding in found[:shown]:
            line = Text("    ")
            line.append(f"{finding.path}:{finding.line}:{finding.column}", style="cyan")
            line.append(f" {finding.symbol}" if finding.symbol else "", style="dim")
            line.append(f"  {finding.message}")
            console.print(line, soft_wrap=True)
        _more(found, shown, console)
        for hint in dict.fromkeys(f.hint for f in found if f.hint):
            console.print(Text(f"    do: {hint}", style="dim"), soft_wrap=True)


def _bridged(sites: Sequence[Bridged], console: Console, verbose: bool) -> None:
    """Bridged sites by reason: they work as they are, so their places come on request."""
    groups: dict[tuple[str, str], list[Bridged]] = defaultdict(list)
    for site in sites:
        groups[(site.code, site.message)].append(site)
    if groups:
        console.print()
        console.print(Text("bridged: works unchanged, for this reason", style="bold"))
    for (code, message), found in sorted(groups.items(), key=lambda i: (-len(i[1]), i[0])):
        line = _group(code, len(found))
        line.append(f"  {message}")
        console.print(line, soft_wrap=True)
        for site in found if verbose else ():
            place = Text(f"    {site.path}:{site.line}:{site.column}", style="cyan")
            place.append(f"  {' → '.join(site.chain)}", style="dim")
            console.print(place, soft_wrap=True)


def _group(code: str, count: int) -> Text:
    return Text("  ").append(code, style="bold").append(f" ×{count}", style="dim")


def _more(found: Sequence[object], shown: int | None, console: Console) -> None:
    if shown is not None and len(found) > shown:
        console.print(
            Text(f"    … and {len(found) - shown} more (--verbose shows all)", style="dim")
        )


def print_work(outcome: Outcome, console: Console) -> None:
    """The five files that need most work."""
    rows = outcome.needing_work()
    if not rows:
        return
    console.print()
    table = new_table()
    table.add_column("files that need most work", no_wrap=True)
    table.add_column("findings", justify="right", no_wrap=True)
    table.add_column("bridged", justify="right", no_wrap=True)
    for path, findings, bridged in rows:
        table.add_row(Text(path), str(findings), str(bridged))
    print_table(table, console)


def closing(outcome: Outcome) -> Text:
    """How much is left, in one line."""
    count = len(outcome.findings)
    kept = f", {outcome.suppressed} kept by comments" if outcome.suppressed else ""
    if not count:
        return Text(f"Nothing is left to do by hand{kept}.", style="green")
    things = "1 finding" if count == 1 else f"{count} findings"
    return Text(f"{things} to do by hand{kept}.", style="bold red")
