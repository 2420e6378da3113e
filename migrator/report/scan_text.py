"""An inventory in the terminal."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from migrator.codemod.effort import WEIGHTS
from migrator.codemod.inventory import Inventory
from migrator.codemod.order import Step
from migrator.report import codemod_text
from migrator.report.tables import new_table, print_table


def print_report(found: Inventory, console: Console, *, verbose: bool = False) -> None:
    """The whole inventory; `verbose` shows every endpoint and every place."""
    outcome = found.outcome
    codemod_text.print_head(outcome, console)
    console.print(_counts(found), soft_wrap=True)
    if verbose and outcome.endpoints:
        console.print()
        print_table(codemod_text.endpoint_table(outcome.endpoints), console)
    codemod_text.print_findings("would be left to do by hand", outcome, console, verbose=verbose)
    codemod_text.print_work(outcome, console)
    if found.order:
        console.print()
        print_table(_order(found), console)
    console.print()
    console.print(_effort(found), soft_wrap=True)
    console.print(codemod_text.closing(outcome), soft_wrap=True)


def _counts(found: Inventory) -> Text:
    loaders = Counter(lazy for model in found.models for _, _, lazy in model.relationships)
    count = sum(loaders.values())
    parts = ", ".join(f"{n} {lazy}" for lazy, n in loaders.most_common())
    line = Text(f"  {'models':<12} {len(found.models):>5}   {count} relationships")
    line.append(f" ({parts})" if parts else "", style="dim")
    if found.extensions:
        names = Counter(
            # A class of the repository's own is told by its file.
            f"{e.dotted.partition('.')[0] or e.path} ({e.effect})"
            for e in found.extensions
        )
        line.append(
            f"\n  {'extensions':<12} {len(found.extensions):>5}   {', '.join(sorted(names))}"
        )
    return line


def _order(found: Inventory) -> Table:
    table = new_table()
    table.add_column("migrate in this order", no_wrap=True)
    for name in ("endpoints", "native", "bridged", "legacy", "writing", "hours"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("after")
    if found.preparation:
        blank = [""] * 5
        table.add_row(Text("(before all)", style="dim"), *blank, _hours(found.preparation), "")
    for number, step in enumerate(found.order, 1):
        table.add_row(
            Text(f"{number} {step.group}"), *_row(step), Text(", ".join(step.needs), style="dim")
        )
    return table


def _row(step: Step) -> list[str]:
    levels = step.levels
    return [
        str(len(step.endpoints)),
        *(str(levels[level] or "") for level in ("native", "bridged", "legacy")),
        str(step.writes or ""),
        _hours(step.hours),
    ]


def _hours(hours: float) -> str:
    return f"{hours:.1f}"


def _effort(found: Inventory) -> Text:
    text = Text("effort: about ")
    hours = f"{found.hours:.0f}"
    text.append(f"{hours} hour{'' if hours == '1' else 's'}", style="bold")
    parts = ", ".join(f"{hours:g} h per {what}" for what, hours in WEIGHTS.items())
    text.append(f": {parts}", style="dim")
    return text
