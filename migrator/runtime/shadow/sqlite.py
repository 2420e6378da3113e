"""SQLite prepared for a compare: rows captured by triggers, the clock and chance of SQL functions.

The triggers of tier A are TEMP ones: they belong to one connection and never touch the file.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .model import RowChange
from .raw import execute, literal, quoted

EFFECTS = "migrator_shadow_effects"
#: Arguments of one SQL function call, below SQLite's default limit of 127.
_CHUNK = 100
_DATE_FUNCTIONS = ("date", "time", "datetime", "julianday", "strftime", "unixepoch")


def install(connection: Any, *, temporary: bool) -> dict[str, tuple[str, ...]]:
    """Make the table of effects and a trigger a table and operation; gives the primary keys."""
    kind = "TEMP " if temporary else ""
    execute(
        connection,
        f"CREATE {kind}TABLE IF NOT EXISTS {EFFECTS} (seq INTEGER PRIMARY KEY AUTOINCREMENT,"
        " place TEXT, operation TEXT, before TEXT, after TEXT)",
    )
    keys: dict[str, tuple[str, ...]] = {}
    for name, sql in execute(
        connection,
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'table'"
        f" AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '{EFFECTS}' ORDER BY name",
    ):
        if sql is None or re.match(r"\s*CREATE\s+VIRTUAL", sql, re.IGNORECASE):
            continue
        info = execute(connection, f"PRAGMA main.table_info({quoted(name)})")
        columns = [row[1] for row in info]
        keys[name] = tuple(row[1] for row in sorted(info, key=lambda r: r[5]) if row[5])
        for operation in ("insert", "update", "delete"):
            execute(connection, _trigger(kind, name, columns, operation))
    return keys


def _trigger(kind: str, table: str, columns: list[str], operation: str) -> str:
    before = _content("OLD", columns) if operation != "insert" else "NULL"
    after = _content("NEW", columns) if operation != "delete" else "NULL"
    # In a TEMP trigger's body a table's name can't be qualified; ours exists once.
    return (
        f"CREATE {kind}TRIGGER IF NOT EXISTS {quoted(f'migrator_shadow_{operation}_{table}')}"
        f" AFTER {operation.upper()} ON {'main.' if kind else ''}{quoted(table)} FOR EACH ROW BEGIN"
        f" INSERT INTO {EFFECTS} (place, operation, before, after)"
        f" VALUES ({literal(table)}, '{operation}', {before}, {after}); END"
    )


def _content(row: str, columns: list[str]) -> str:
    """An SQL expression: a JSON object of `quote()`d values, which keep their storage class."""
    chunks = []
    for start in range(0, len(columns), _CHUNK):
        values = ", ".join(f"quote({row}.{quoted(c)})" for c in columns[start : start + _CHUNK])
        chunks.append(f"json_array({values})")
    names = literal(json.dumps(columns))
    return f"'[' || {names} || ',' || " + " || ',' || ".join(chunks) + " || ']'"


def read_effects(connection: Any, after: int) -> list[tuple[int, str, str, str | None, str | None]]:
    """What the triggers noted since `after`, in order."""
    rows = execute(
        connection,
        f"SELECT seq, place, operation, before, after FROM {EFFECTS} WHERE seq > {after} ORDER BY seq",
    )
    return [(int(r[0]), r[1], r[2], r[3], r[4]) for r in rows]


def row_change(
    row: tuple[int, str, str, str | None, str | None], primary_keys: dict[str, tuple[str, ...]]
) -> RowChange:
    """One noted row, keyed by its primary key (by its whole content where there is none)."""
    _, table, operation, before_text, after_text = row
    before, after = _document(before_text), _document(after_text)
    content = after if after is not None else before or {}
    columns = primary_keys.get(table) or tuple(content)
    return RowChange(
        table, operation, ",".join(str(content.get(c)) for c in columns), before, after
    )


def _document(text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    names, *chunks = json.loads(text)
    return dict(zip(names, (value for chunk in chunks for value in chunk), strict=True))


class Functions:
    """SQLite's own clock and chance, replaced on each connection by the frozen ones."""

    def __init__(self) -> None:
        self._now = "now"
        self._random = random.Random(0)
        self._dates = sqlite3.connect(":memory:", check_same_thread=False)

    def step(self, now: datetime, fraction: float) -> None:
        """The clock and the seed of one request."""
        self._now = now.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        self._random.seed(fraction)

    def close(self) -> None:
        """Closes the connection that works out dates."""
        self._dates.close()

    def register(self, connection: Any) -> None:
        """Put them on one connection (sqlite3's or SQLAlchemy's aiosqlite adapter)."""
        for name, length in (("current_timestamp", 19), ("current_date", 10)):
            connection.create_function(name, 0, self._prefix(length), deterministic=True)
        connection.create_function("current_time", 0, lambda: self._now[11:19], deterministic=True)
        for name in _DATE_FUNCTIONS:
            connection.create_function(name, -1, self._date(name), deterministic=True)
        connection.create_function("random", 0, lambda: self._random.getrandbits(64) - 2**63)
        connection.create_function("randomblob", 1, lambda n: self._random.randbytes(max(n, 1)))

    def _prefix(self, length: int) -> Callable[[], str]:
        return lambda: self._now[:length]

    def _date(self, name: str) -> Callable[..., object]:
        at = 1 if name == "strftime" else 0

        def function(*given: object) -> object:
            values = list(given)
            if len(values) <= at:
                values.append(self._now)
            elif isinstance(values[at], str) and str(values[at]).lower() == "now":
                values[at] = self._now
            marks = ", ".join("?" * len(values))
            row = self._dates.execute(f"SELECT {name}({marks})", values).fetchone()
            return row[0]

        return function
