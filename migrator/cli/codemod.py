"""`migrator codemod`: rewrite a Flask + SQLAlchemy package for FastAPI + async SQLAlchemy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrator.cli import options
from migrator.cli.config import EAGER, Config, load_config
from migrator.cli.output import check_report, write_bytes, write_out, write_report
from migrator.cli.source import convert_source, merged, place_within, source_root
from migrator.errors import UsageError
from migrator.frozen import frozen

if TYPE_CHECKING:
    from rich.console import Console

    from migrator.codemod.convert import Conversion
    from migrator.codemod.output.files import Package
    from migrator.codemod.output.folders import Written
    from migrator.codemod.result import Outcome
    from migrator.eager.place import Eager
    from migrator.surface import FrameChoice

FORMATS = ("text", "json", "sarif", "html")


@frozen
class Request:
    """What the command was asked for, settings included."""

    root: Path
    out: Path | None
    write: bool
    check: bool
    diff: bool
    force: bool
    merge: bool
    format: str
    report: Path | None
    verbose: bool
    jobs: int
    config: Config


@click.command("codemod")
@options.source
@options.out
@click.option(
    "--write", is_flag=True, help="Convert in place. Needs a git tree without open changes."
)
@options.app
@options.frame
@click.option("--diff", is_flag=True, help="Print a unified diff instead of the report.")
@click.option(
    "--check", is_flag=True,
    help="Write nothing; exit 1 when PATH (or, with --out, what DIR holds) would change.",
)  # fmt: skip
@options.output(FORMATS)
@options.report
@options.select
@options.ignore
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Neither read nor write what this names."
)
@click.option(
    "--trace", type=click.Path(path_type=Path), metavar="FILE",
    help="Place loader options by the evidence of `migrator trace`.",
)  # fmt: skip
@click.option(
    "--eager", type=click.Choice(EAGER),
    help="Who says where loader options go: the code and the trace (static, the default), the "
    "trace, or nobody.",
)  # fmt: skip
@click.option(
    "--keep-db-names", is_flag=True, help="Leave `db.Column`, `db.func` and the like as they are."
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N",
    help="Rewrite files in N processes; by default as many as there are cores.",
)  # fmt: skip
@options.no_cache
@click.option("--force", is_flag=True, help="Write even over changes that would be lost.")
@click.option(
    "--merge", is_flag=True,
    help="Keep what hands have changed in DIR: git merges it with what has changed in PATH.",
)  # fmt: skip
@options.verbose
def command(
    path: Path,
    out: Path | None,
    write: bool,
    app: str | None,
    frame: FrameChoice | None,
    diff: bool,
    check: bool,
    format_: str,
    report: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    trace: Path | None,
    eager: Eager | None,
    keep_db_names: bool,
    jobs: int | None,
    no_cache: bool,
    force: bool,
    merge: bool,
    verbose: bool,
) -> int:
    """Convert the package or folder PATH; its code is read and never run.

    Without --out or --write nothing is written: the report says what would become of PATH.

    Exit code: 0 nothing is left to do by hand, 1 findings or conflicts, 2 wrong usage, 3 our fault. With
    --check it is 0 when nothing would change and 1 when something would.
    """
    given = source_root(path)
    root = given / (place := place_within(given))
    if out is not None and write:
        raise UsageError(
            "--out and --write are given together.",
            "One leaves PATH as it is, the other converts it in place.",
            "Choose one.",
        )
    if merge and (out is None or force):
        raise UsageError(
            f"--merge is given {'without --out' if out is None else 'with --force'}.",
            "It keeps what hands have changed in the folder of --out, where an earlier run wrote."
            if out is None
            else "One keeps what hands have changed, the other overwrites it.",
            "Name the folder with --out." if out is None else "Choose one.",
        )
    check_report(report)
    settings = load_config(root)
    config = merged(
        settings, app, exclude, select, ignore, frame, trace, eager,
        keep_db_names=keep_db_names, cache=not no_cache, place=place,
    )  # fmt: skip
    request = Request(
        root, out, write, check, diff, force, merge, format_, report, verbose, jobs or 0, config
    )  # fmt: skip
    return _run(request)


def _run(request: Request) -> int:
    config = request.config

    def result(conversion: Conversion) -> tuple[Outcome, Package]:
        from migrator.codemod.outcome import outcome_of
        from migrator.codemod.output.files import package_of

        outcome = outcome_of(conversion, select=config.select, ignore=config.ignore)
        return outcome, package_of(conversion)

    package = ""
    if request.out is not None:
        from migrator.codemod.output import folders

        folders.check_out(request.root, request.out)
        if not request.check:
            folders.check_contents(request.out, force=request.force)
        package = Path(os.path.realpath(request.out)).name
    if request.write and not request.force and not request.check:
        from migrator.codemod.output import git

        git.check_clean(request.root)
    outcome, made = convert_source(request.root, config, result, package, request.jobs)
    written = _write(request, made)
    _report(request, outcome)
    _say(request, outcome, written)
    if request.check:
        stale = written.differs or written.conflicts if written is not None else outcome.changes
        return int(bool(stale))
    return int(bool(outcome.findings or (written is not None and written.conflicts)))


def _write(request: Request, package: Package) -> Written | None:
    """Write what was asked for, or find out what writing would do; None without a place to write."""
    if request.out is None and not request.write:
        return None
    from migrator.codemod.output import files, folders

    if request.out is not None:
        root, out = (Path(os.path.realpath(p)) for p in (request.root, request.out))
        made = files.output_files(root, package, out)
        if request.check:
            return folders.plan_package(out, made, merging=request.merge).written
        return folders.write_package(out, made, force=request.force, merging=request.merge)
    if request.write and not request.check:
        return folders.write_in_place(request.root, files.changed_files(request.root, package))
    return None


def _report(request: Request, outcome: Outcome) -> None:
    """Standard output is the report and nothing else."""
    from migrator.report import codemod_diff, codemod_json, codemod_sarif

    if request.report is not None:
        write_report(request.report, _page(outcome))
    diff = codemod_diff.unified(outcome.changes) if request.diff else None
    if request.format == "json":
        write_out(codemod_json.dumps(outcome, diff) + "\n")
    elif request.format == "sarif":
        from migrator.codemod.output import git

        write_out(codemod_sarif.dumps(outcome, git.place(request.root)) + "\n")
    elif request.format == "html":
        write_out(_page(outcome))
    elif diff is not None:
        colour = _console().is_terminal
        changes = outcome.changes
        write_bytes(
            codemod_diff.unified(changes, colour=True).encode()
            if colour
            else codemod_diff.patch(changes)
        )
    else:
        _text(request, outcome, _console())


def _console(*, stderr: bool = False) -> Console:
    # Only what people read in a terminal needs it, and it takes its time to import.
    from rich.console import Console

    return Console(stderr=stderr, emoji=False)


def _page(outcome: Outcome) -> str:
    # Jinja takes its time to import, and no other format needs it.
    from migrator.report import codemod_html

    return codemod_html.render(outcome)


def _say(request: Request, outcome: Outcome, written: Written | None) -> None:
    """On standard error: the report where the diff took its place, and what was written."""
    if request.diff and request.format == "text":
        _text(request, outcome, _console(stderr=True))
    for line in _story(request, outcome, written):
        click.echo(line, err=True)


def _story(request: Request, outcome: Outcome, written: Written | None) -> Iterator[str]:
    if request.report is not None:
        yield f"report: {request.report}"
    if request.check:
        differs = written.differs if written is not None else bool(outcome.changes)
        where = request.out if request.out is not None else request.root
        yield f"{where} would change" if differs else f"{where} is up to date"
    elif written is None:
        yield "nothing was written: --out DIR writes the new package, --write converts in place"
    elif not written.differs:
        yield "nothing had to be written"
    else:
        parts = {
            "new": written.created, "changed": written.changed, "merged": written.merged,
            "removed": written.removed,
        }  # fmt: skip
        counts = ", ".join(f"{len(paths)} {name}" for name, paths in parts.items() if paths)
        same = f", {len(written.same)} as they were" if written.same else ""
        yield f"written to {request.out or request.root}: {counts}{same}"
        if outcome.serve:
            yield f"serve it: {outcome.serve}"
        gone = outcome.levels()["legacy"]
        if request.write and gone:
            yield (
                f"{gone} endpoint(s) are served by nothing now: in place, no legacy application is "
                "left to mount. git has them; --out DIR keeps them."
            )
    if written is not None:
        yield from _hands(written)


def _hands(written: Written) -> Iterator[str]:
    """What has become of files that hands have changed."""
    if written.left:
        yield f"as hands have left them, since nothing new is made there: {', '.join(written.left)}"
    if written.kept:
        yield f"yours from now on, since nothing is made there any more: {', '.join(written.kept)}"
    for path, count in sorted(written.conflicts.items()):
        places = "a place" if count == 1 else f"{count} places"
        yield (
            f"conflict: {path} was changed by hand and by the conversion in {places}; resolve what "
            "is marked by <<<<<<< and >>>>>>>"
        )


def _text(request: Request, outcome: Outcome, console: Console) -> None:
    from migrator.report import codemod_text

    codemod_text.print_report(outcome, console, verbose=request.verbose)
