"""The options that several commands have, each said once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from migrator.cli.config import FRAMES

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Folder(click.Path):
    """A folder; not "", which a shell makes of a variable that is not set, and pathlib of `.`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("An empty text names no folder.", param, ctx)
        return super().convert(value, param, ctx)


source: Decorator = click.argument("path", type=_Folder(path_type=Path), metavar="PATH")
out: Decorator = click.option(
    "--out",
    type=_Folder(path_type=Path),
    metavar="DIR",
    help="Write the new package here; its name is DIR's last part. The source is not touched.",
)
app_dir: Decorator = click.option(
    "--app-dir",
    type=_Folder(exists=True, file_okay=False),
    metavar="DIR",
    default=".",
    show_default=True,
    help="Folder to import both sides from.",
)

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
    "--ignore",
    multiple=True,
    metavar="CODE",
    help="Leave these findings out: codes as for --select.",
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
