"""A shadow run in the terminal: one table of endpoints, what differs, and one closing line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from migrator.runtime.shadow import CaseResult, Difference, EndpointRow, Report, Verdict

STYLES = {
    Verdict.IDENTICAL: "green",
    Verdict.JSON_IDENTICAL: "green",
    Verdict.BY_RULE: "yellow",
    Verdict.NOT_COMPARABLE: "magenta",
    Verdict.DIFFERENT: "bold red",
    Verdict.ERROR: "bold red",
}
_FAILURES_SHOWN = 20
_DIFFERENCES_SHOWN = 5


def milliseconds(seconds: float) -> str:
    """A duration as people read it."""
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"


def endpoint_table(report: Report) -> Table:
    """One row an endpoint: level, requests, verdict, SQL statements and p50 of both sides."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("endpoint", overflow="fold")
    table.add_column("level")
    for name in ("requests", "verdict", "SQL", "→", "p50 ms", "→"):
        table.add_column(name, justify="left" if name == "verdict" else "right")
    for row in report.endpoints:
        table.add_row(*_cells(row))
    return table


def _cells(row: EndpointRow) -> Iterable[Text]:
    more = row.target.statements > row.legacy.statements
    slower = row.target.p50 > row.legacy.p50 * 1.5
    yield Text(row.endpoint)
    yield Text(row.level or "–", style="" if row.level else "dim")
    yield Text(str(row.requests))
    yield Text(row.verdict.value, style=STYLES[row.verdict])
    yield Text(str(row.legacy.statements))
    yield Text(str(row.target.statements), style="yellow" if more else "")
    yield Text(milliseconds(row.legacy.p50))
    yield Text(milliseconds(row.target.p50), style="yellow" if slower else "")


def print_report(report: Report, console: Console, *, page: str | None = None) -> None:
    """The whole report; `page` is the path of the HTML report, named at the end."""
    console.print(endpoint_table(report))
    for case in report.failures[:_FAILURES_SHOWN]:
        console.print()
        _print_failure(case, console)
    left = len(report.failures) - _FAILURES_SHOWN
    if left > 0:
        console.print(
            f"\n… and {left} more requests that differ (all are in the JSON and HTML reports)"
        )
    console.print()
    for note in report.notes:
        console.print(f"note: {escape(note)}", highlight=False)
    for use in report.rules:
        times = f"excused {use.differences} differences in {use.cases} requests"
        said = times if use.differences else "excused nothing: remove it"
        console.print(
            f"rule {escape(use.rule.name)} ({escape(use.rule.owner)}): {said}", highlight=False
        )
    if report.uncovered:
        names = ", ".join(endpoint.name for endpoint in report.uncovered)
        console.print(f"no case asks: {escape(names)}", highlight=False, style="yellow")
    console.print(summary(report))
    if page is not None:
        console.print(f"report: {escape(page)}", highlight=False, soft_wrap=True)


def summary(report: Report) -> Text:
    """The closing line: requests by verdict."""
    counted = ", ".join(f"{n} {verdict.value}" for verdict, n in report.totals.items() if n)
    endpoints = len(report.endpoints)
    line = f"{len(report.cases)} requests to {endpoints} endpoints in {report.seconds:.1f} s: {counted}"
    return Text(line, style="green" if report.passed else "bold red")


def _print_failure(case: CaseResult, console: Console) -> None:
    head = Text()
    head.append(case.verdict.value, style=STYLES[case.verdict])
    head.append(f"  {case.title}", style="bold")
    head.append(
        f"  {case.request.method} {case.request.target}  ({case.endpoint}, line {case.line})"
    )
    console.print(head)
    for line in difference_lines(case.comparison.differences):
        console.print(Text(f"  {line}"))
    for note in case.comparison.notes:
        console.print(Text(f"  note: {note}", style="dim"))


def difference_lines(differences: Iterable[Difference]) -> Iterable[str]:
    """The first differences, one a line; those of one group are counted."""
    groups: dict[str, list[Difference]] = {}
    for difference in differences:
        groups.setdefault(difference.group, []).append(difference)
    for number, found in enumerate(groups.values()):
        if number == _DIFFERENCES_SHOWN:
            yield f"… and {len(groups) - number} more kinds of difference"
            return
        yield one_line(found[0]) + (f"  (and {len(found) - 1} alike)" if len(found) > 1 else "")


def one_line(difference: Difference) -> str:
    """`json $.total type: "1.10" → 1.1 (string → number)`."""
    where = " ".join(part for part in (difference.channel, difference.path) if part)
    detail = (
        difference.detail.splitlines()[0]
        if difference.detail.count("\n") == 0 and difference.detail
        else ""
    )
    values = {
        "missing": f"missing in the target: {difference.legacy}",
        "extra": f"only in the target: {difference.target}",
    }.get(difference.kind, f"{difference.kind}: {difference.legacy} → {difference.target}")
    return f"{where} {values}{f' ({detail})' if detail else ''}"
