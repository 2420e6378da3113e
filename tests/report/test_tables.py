"""Tables in a narrow terminal: what a reader copies is whole."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from migrator.report.tables import new_table, print_table

PLACE = "shop/orders/statistics.py:120:9"
REASON = "templates load lazily, and this one shows the customer of every order"


def printed(width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    table = new_table()
    table.add_column("in this order", no_wrap=True)
    for name in ("endpoints", "place"):
        table.add_column(name, no_wrap=True)
    table.add_column("reason")
    table.add_row("1 the orders", "12", PLACE, REASON)
    print_table(table, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_words_are_whole_at_any_width(width: int) -> None:
    text = printed(width)
    for words in ("in this order", "endpoints", "1 the orders", PLACE, *REASON.split()):
        assert words in text


def test_sentences_are_folded_at_the_terminals_width() -> None:
    assert len(printed(200).splitlines()) == 2
    assert all(len(line) <= 80 for line in printed(80).splitlines())
    assert len(printed(80).splitlines()) > 3
