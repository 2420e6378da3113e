"""`migrator shadow run`: the same requests to both applications, and everything compared."""

from __future__ import annotations

import contextlib
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from rich.console import Console

from migrator.cli import options
from migrator.cli.interrupt import asked_to_stop
from migrator.cli.mistakes import Commands
from migrator.cli.output import check_report, write_report
from migrator.cli.progress import comparing, quiet_logs
from migrator.errors import LoadError, UsageError

if TYPE_CHECKING:
    from migrator.runtime.shadow import Report
    from migrator.runtime.shadow.runner import Tier

FORMATS = ("text", "json", "junit", "html")


@click.group("shadow", cls=Commands)
def command() -> None:
    """Send the same requests to both applications and compare everything."""


@command.command(short_help="Compare two applications, request by request.")
@click.option("--legacy", required=True, metavar="MODULE:ATTRIBUTE", help="The Flask application.")
@click.option("--target", required=True, metavar="MODULE:ATTRIBUTE", help="The ASGI application.")
@click.option(
    "--cases", "cases_file", required=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Declared cases (YAML), or a folder of such files; docs/shadow.md describes them.",
)  # fmt: skip
@options.output(FORMATS)
@options.report
@click.option(
    "--junit", type=click.Path(path_type=Path), metavar="FILE.xml", help="Also write JUnit XML."
)
@click.option(
    "--tier", type=click.Choice(("auto", "a", "b")), default="auto", show_default=True,
    help="a: one transaction a side, undone. b: a fresh copy of the database a side. auto: a, and b where a can't be faithful.",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="NAME", help="Run the cases of this name or glob only."
)
@click.option("--clock", metavar="TIME", help="What both applications see as the time (ISO 8601).")
@click.option(
    "--at-once", type=click.IntRange(2), metavar="N",
    help="Then send everything again, N requests at a time: each is to be answered as it is alone.",
)  # fmt: skip
@click.option("--require-coverage", is_flag=True, help="Also exit 1 when an endpoint has no case.")
@options.app_dir
def run(
    legacy: str,
    target: str,
    cases_file: Path,
    format_: str,
    report: Path | None,
    junit: Path | None,
    tier: str,
    only: tuple[str, ...],
    clock: str | None,
    at_once: int | None,
    require_coverage: bool,
    app_dir: str,
) -> None:
    """Compare two applications, request by request, from the same state of the database.

    Exit code: 0 alike, 1 differences, 2 wrong usage, 3 our fault. The database is left as it was.
    Ctrl-C ends it with a report of what was compared so far (exit code 130).
    """
    from migrator.runtime.shadow import Options, load, run_cases

    for path in (report, junit):
        check_report(path)
    options = Options(tier=cast("Tier", tier), only=only, clock=_clock(clock), at_once=at_once or 0)
    cases = load(cases_file)
    with quiet_logs(), contextlib.redirect_stdout(sys.stderr):
        # Standard output is the report and nothing else, whatever the applications print.
        sides = _both(legacy, target, app_dir)
        with comparing() as advance, asked_to_stop() as stopped:
            found = run_cases(
                sides[0],
                sides[1],
                cases,
                options=options,
                names=(legacy, target),
                progress=advance,
                stopped=stopped,
            )
    _write(found, format_, report, junit)
    if found.unsent:
        raise click.Abort
    uncovered = require_coverage and bool(found.uncovered)
    sys.stdout.flush()
    click.get_current_context().exit(1 if uncovered else found.exit_code)


def _both(legacy: str, target: str, app_dir: str) -> tuple[Any, Any]:
    """The two applications; where the target's module can't make the legacy one again, it says so."""
    from migrator.runtime.loading import load_application

    module = target.partition(":")[0]
    first = load_application(legacy, app_dir=app_dir)
    try:
        return first, load_application(target, app_dir=app_dir)
    except LoadError as error:
        if not _makes_legacy(module, error.__cause__):
            raise
        raise LoadError(
            error.what,
            f"It makes the legacy application, which {legacy!r} has made already, and this one can't be made twice.",
            f"Compare the one that it makes: --legacy {module}:legacy",
        ) from error.__cause__


def _makes_legacy(module: str, error: BaseException | None) -> bool:
    """Whether the error came where the module, an `asgi.py` of ours, makes the legacy application."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    parts = tuple(module.split("."))
    own = [
        f.line or ""
        for f in frames
        if Path(f.filename).with_suffix("").parts[-len(parts) :] == parts
    ]
    return any("legacy" in line for line in own)


def _write(found: Report, format_: str, page: Path | None, junit: Path | None) -> None:
    from migrator.report import shadow_html, shadow_json, shadow_junit, shadow_text

    if page is not None:
        write_report(page, shadow_html.render(found))
    if junit is not None:
        write_report(junit, shadow_junit.dumps(found))
    if format_ == "json":
        click.echo(shadow_json.dumps(found))
    elif format_ == "junit":
        click.echo(shadow_junit.dumps(found), nl=False)
    elif format_ == "html":
        click.echo(shadow_html.render(found))
    else:
        # A log file has no width; 80 columns would fold the endpoints' names.
        console = Console() if sys.stdout.isatty() else Console(width=120)
        shadow_text.print_report(found, console, page=str(page) if page else None)


def _clock(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--clock {text!r} is no time.",
            "ISO 8601 is needed.",
            "Write it like 2026-01-15T09:30:00Z.",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
