"""Every connection of an async driver that the tests open is closed in the end.

What is dropped instead is an error in whatever test runs when it is collected, which gets the blame.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiosqlite
import asyncpg
import pytest

#: So many may be open at once before those that are closed are forgotten.
_MANY = 200


class Opened:
    """Connections with the tests that opened them. They are held, so that none is collected."""

    def __init__(self) -> None:
        self._found: list[tuple[Any, str]] = []

    def note(self, connection: Any) -> Any:
        """Remember a connection, and give it back."""
        if len(self._found) > _MANY:
            self._found = [(known, test) for known, test in self._found if _is_open(known)]
        self._found.append((connection, os.environ.get("PYTEST_CURRENT_TEST", "")))
        return connection

    def left(self) -> list[str]:
        """The tests whose connections are still open."""
        return sorted({test for connection, test in self._found if _is_open(connection)})


@contextmanager
def noted() -> Iterator[Opened]:
    """Every connection that is opened meanwhile, through SQLAlchemy or not."""
    opened = Opened()
    with pytest.MonkeyPatch.context() as patch:
        sqlite_connect, postgresql_connect = aiosqlite.connect, asyncpg.connect

        def connect(*args: Any, **kwargs: Any) -> Any:
            return opened.note(sqlite_connect(*args, **kwargs))

        async def connect_to_server(*args: Any, **kwargs: Any) -> Any:
            return opened.note(await postgresql_connect(*args, **kwargs))

        patch.setattr(aiosqlite, "connect", connect)
        patch.setattr(asyncpg, "connect", connect_to_server)
        yield opened


def _is_open(connection: Any) -> bool:
    if not isinstance(connection, aiosqlite.Connection):
        return not connection.is_closed()
    try:
        _ = connection.in_transaction
    except ValueError:  # no active connection
        return False
    return True
