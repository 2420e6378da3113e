"""`migrator scan`: what a conversion would be, before anything is rewritten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from migrator.cli import options
from migrator.cli.config import load_config
from migrator.cli.output import check_report, write_out, write_report
from migrator.cli.source import convert_source, merged, place_within, source_root

if TYPE_CHECKING:
    from migrator.codemod.convert import Conversion
    from migrator.surface import FrameChoice

FORMATS = ("text", "json", "html")


@click.command("scan")
@options.source
@options.app
@options.frame
@options.output(FORMATS)
@options.report
@options.select
@options.ignore
@click.option("--exclude", multiple=True, metavar="GLOB", help="Do not read what this names.")
@options.no_cache
@options.verbose
def command(
    path: Path,
    app: str | None,
    frame: FrameChoice | None,
    format_: str,
    report: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    no_cache: bool,
    verbose: bool,
) -> int:
    """Take stock of the package or folder PATH; its code is read, never run, and nothing is written.

    Endpoints with the level to expect, query sites, models, extensions, findings, an estimate of the
    effort, and an order in which to migrate.

    Exit code: 0 nothing would be left to do by hand, 1 findings, 2 wrong usage, 3 our fault.
    """
    from migrator.codemod.inventory import Inventory, inventory_of
    from migrator.report import scan_html, scan_json, scan_text

    given = source_root(path)
    root = given / (place := place_within(given))
    check_report(report)
    config = merged(
        load_config(root), app, exclude, select, ignore, frame, cache=not no_cache, place=place
    )

    def inventory(conversion: Conversion) -> Inventory:
        return inventory_of(conversion, select=config.select, ignore=config.ignore)

    found = convert_source(root, config, inventory)
    if report is not None:
        write_report(report, scan_html.render(found))
    if format_ == "json":
        write_out(scan_json.dumps(found) + "\n")
    elif format_ == "html":
        write_out(scan_html.render(found))
    else:
        scan_text.print_report(found, Console(emoji=False), verbose=verbose)
    if report is not None:
        Console(stderr=True, emoji=False).print(f"report: {report}", soft_wrap=True, markup=False)
    return int(bool(found.outcome.findings))
