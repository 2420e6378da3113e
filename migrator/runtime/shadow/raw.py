"""SQL on a driver's own connection, beside SQLAlchemy: never counted, never seen by listeners.

A *runner* runs a function where the connection may be used: directly for a sync driver, in a
greenlet on the side's event loop for an async one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """Runs a function where a connection of one engine may be used."""

    def __call__(self, function: Callable[[], T], /) -> T:
        """The function's result."""


def direct(function: Callable[[], T], /) -> T:
    """The runner of a sync driver."""
    return function()


def execute(connection: Any, statement: str) -> Sequence[Any]:
    """Run one statement without parameters; its rows, if it has any."""
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description is not None else []
    finally:
        cursor.close()


def literal(text: str) -> str:
    """`text` as an SQL string literal (standard_conforming_strings, and SQLite)."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
