"""`migrator explain`: the page of a code or a rule, in the terminal."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markdown import Markdown

from migrator.cli.output import write_out


@click.command("explain")
@click.argument("names", nargs=-1, metavar="[CODE_OR_RULE]...")
def command(names: tuple[str, ...]) -> int:
    """Explain a code (MIG402) or a rule (select_root): what it means, examples, what to do.

    Without a name it lists them all. What is not shown on a terminal is Markdown.

    Exit code: 0, or 2 for a name that does not exist.
    """
    from migrator.report.pages import index, page

    text = "\n".join(page(name).text for name in names) if names else index()
    console = Console(emoji=False)
    if console.is_terminal:
        console.print(Markdown(text, hyperlinks=False))
    else:
        write_out(text)
    return 0
