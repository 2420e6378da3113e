"""Tables in the terminal: sentences are folded, names and paths never, so that they can be copied.

The columns of names say `no_wrap`; at most one column, of sentences, does not.
"""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table

from migrator.frozen import frozen


def new_table() -> Table:
    """A table without lines, to which columns are added."""
    return Table(box=None, pad_edge=False, header_style="bold")


def print_table(table: Table, console: Console) -> None:
    """Print a table as wide as the terminal, or as wide as its names need."""
    console.print(_Whole(table), crop=False, highlight=False)


@frozen
class _Whole:
    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        unlimited = options.update(width=100_000)
        for column in self.table.columns:
            if column.no_wrap:
                cells = (column.header, *column.cells)
                sizes = [Measurement.get(console, unlimited, cell).maximum for cell in cells]
                column.min_width = max(sizes)
        needed = Measurement.get(console, unlimited, self.table).minimum
        width = max(options.max_width, needed)
        yield from console.render(self.table, options.update(width=width))
