"""What `migrator check models` found, in the terminal and as JSON (docs/models.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from migrator import __version__

if TYPE_CHECKING:
    from migrator.schema.compare import Difference
    from migrator.schema.load import Models

VERSION = 1


def print_report(
    legacy: Models, target: Models, database: str, found: Sequence[Difference], console: Console
) -> None:
    """Differences by table, or that there are none."""
    head = Text(f"{legacy.name} → {target.name}", style="bold")
    head.append(f"   {legacy.tables} tables, {database}", style="dim")
    console.print(head, soft_wrap=True)
    for table, here in groupby(found, lambda d: (d.bind, d.table)):
        bind = f"   bind {table[0]}" if table[0] else ""
        console.print(Text(table[1], style="bold").append(bind, style="dim"), soft_wrap=True)
        for difference in here:
            console.print(_line(difference), soft_wrap=True)
    if found:
        count = "1 difference" if len(found) == 1 else f"{len(found)} differences"
        console.print(Text(f"{count}.", style="bold red"))
    else:
        console.print(Text("No difference.", style="green"))


def dumps(legacy: Models, target: Models, database: str, found: Sequence[Difference]) -> str:
    """The comparison as one JSON text."""
    made = {
        "version": VERSION,
        "migrator": __version__,
        "legacy": legacy.name,
        "target": target.name,
        "database": database,
        "tables": legacy.tables,
        "differences": [
            {
                "bind": d.bind,
                "table": d.table,
                "kind": d.kind,
                "name": d.name,
                "legacy": d.legacy,
                "target": d.target,
            }
            for d in found
        ],
    }
    return json.dumps(made, indent=2, ensure_ascii=False)


def _line(found: Difference) -> Text:
    line = Text(f"  {found.kind}")
    line.append(f" {found.name}" if found.name else "", style="cyan")
    if found.legacy and found.target:
        line.append(f": {found.legacy} → {found.target}")
    elif found.legacy:
        line.append(f": only in the legacy models: {found.legacy}")
    else:
        line.append(f": only in the converted models: {found.target}")
    return line
