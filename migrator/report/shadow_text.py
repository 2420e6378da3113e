"""A shadow run in the terminal: one table of endpoints, what differs, and one closing line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from migrator.report.shadow_causes import Cause, causes
from migrator.report.tables import new_table, print_table
from migrator.runtime.shadow import CaseResult, Difference, EndpointRow, Report, Verdict

STYLES = {
    Verdict.IDENTICAL: "green",
    Verdict.JSON_IDENTICAL: "green",
    Verdict.BY_RULE: "yellow",
    Verdict.NOT_COMPARABLE: "magenta",
    Verdict.DIFFERENT: "bold red",
    Verdict.ERROR: "bold red",
}
_CAUSES_SHOWN = 20


def milliseconds(seconds: float) -> str:
    """A duration as people read it."""
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"


def endpoint_table(report: Report) -> Table:
    """One row an endpoint: level, requests, verdict, SQL statements and p50 of both sides."""
    table = new_table()
    for name in ("endpoint", "level", "requests", "verdict", "SQL", "→", "p50 ms", "→"):
        words = name in ("endpoint", "level", "verdict")
        table.add_column(name, justify="left" if words else "right", no_wrap=True)
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
    print_table(endpoint_table(report), console)
    found = causes(report)
    for cause in found[:_CAUSES_SHOWN]:
        console.print()
        _print_cause(cause, console)
    if len(found) > _CAUSES_SHOWN:
        left = len(found) - _CAUSES_SHOWN
        console.print(f"\n… and {left} more causes (the JSON and HTML reports have all)")
    for case in [c for c in report.failures if not c.comparison.differences][:_CAUSES_SHOWN]:
        console.print()
        _print_incomparable(case, console)
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
    for line in at_once_lines(report):
        console.print(line, highlight=False, soft_wrap=True)
    if page is not None:
        console.print(f"report: {escape(page)}", highlight=False, soft_wrap=True)


def summary(report: Report) -> Text:
    """The closing line: requests by verdict."""
    counted = ", ".join(f"{n} {verdict.value}" for verdict, n in report.totals.items() if n)
    endpoints = len(report.endpoints)
    line = f"{len(report.cases)} requests to {endpoints} endpoints in {report.seconds:.1f} s: {counted}"
    return Text(line, style="green" if report.passed else "bold red")


def at_once_lines(report: Report) -> list[Text]:
    """What requests at once were answered, and of which ones that says nothing."""
    found = report.at_once
    if found is None:
        return []
    other = sum(not case.verdict.passed for case in found.cases)
    said = f"at once, {found.together} at a time: {len(found.cases) - other} requests are answered as alone"
    if not found.cases:
        said = "at once: no request could be compared, which is no proof"
    elif other:
        said += f", {other} otherwise"
    lines = [Text(said, style="green" if found.passed else "bold red")]
    lines += [Text(f"  only the target writes then: {what}", "bold red") for what in found.written]
    for reason, titles in found.left.items():
        lines.append(Text(f"  not compared at once: {len(titles)} that {reason}", "yellow"))
    lines.append(Text(f"  {found.limit}", "dim"))
    return lines


def _print_cause(cause: Cause, console: Console) -> None:
    case, difference = cause.examples[0]
    head = Text()
    requests = "1 request" if cause.cases == 1 else f"{cause.cases} requests"
    head.append(
        f"{requests} differ" if cause.cases > 1 else f"{requests} differs", style="bold red"
    )
    head.append(f"  {one_line(difference)}")
    console.print(head, soft_wrap=True)
    if difference.channel == "exception":
        console.print(Text(f"  {cause.detail}"), soft_wrap=True)
    where = f"{case.request.method} {case.request.target}"
    name = "" if case.title == where else f"{case.title}: "
    first = "" if cause.cases == 1 else "first "
    style = "dim"
    console.print(Text(f"  {first}{name}{where} ({case.endpoint}, line {case.line})", style=style))
    for note in case.comparison.notes:
        console.print(Text(f"  note: {note}", style=style))


def _print_incomparable(case: CaseResult, console: Console) -> None:
    head = Text(case.verdict.value, style=STYLES[case.verdict])
    head.append(
        f"  {case.title}  {case.request.method} {case.request.target} (line {case.line})",
        "not bold",
    )
    console.print(head, soft_wrap=True)
    for note in case.comparison.notes:
        console.print(Text(f"  {note}"), soft_wrap=True)


def one_line(difference: Difference) -> str:
    """`json $.total type: "1.10" → 1.1 (string → number)`."""
    where = " ".join(part for part in (difference.channel, difference.path) if part)
    # What is long, or several lines, is shown below the line.
    short = difference.kind in ("type", "order") or difference.channel == "rows"
    detail = difference.detail if short and "\n" not in difference.detail else ""
    values = {
        "missing": f"missing in the target: {difference.legacy}",
        "extra": f"only in the target: {difference.target}",
    }.get(difference.kind, f"{difference.kind}: {difference.legacy} → {difference.target}")
    return f"{where} {values}{f' ({detail})' if detail else ''}"
