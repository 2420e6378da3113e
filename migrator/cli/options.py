"""The options that several commands have, each said once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from migrator.cli.config import FRAMES

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

app: Decorator = click.option(
    "--app",
    metavar="MODULE:ATTRIBUTE",
    help="The application or its factory, where it isn't found.",
)
frame: Decorator = click.option(
    "--frame",
    type=click.Choice(FRAMES),
    help="Convert to FastAPI, or keep Flask on the event loop; auto (default): what serves it all.",
)
report: Decorator = click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Also write the HTML report.",
)
select: Decorator = click.option(
    "--select",
    multiple=True,
    metavar="CODE",
    help="Report these findings only: codes or beginnings of codes, with commas.",
)
ignore: Decorator = click.option(
    "--ignore", multiple=True, metavar="CODE", help="Report these findings not."
)
no_cache: Decorator = click.option(
    "--no-cache", is_flag=True, help="Use nothing of earlier runs, and keep nothing."
)
verbose: Decorator = click.option(
    "-v", "--verbose", is_flag=True, help="Show every endpoint and every place."
)


def output(formats: Sequence[str]) -> Decorator:
    """`--format`, of which the first is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="What goes to standard output.",
    )
