"""What a statement of MySQL's reaches beside the database that it is sent to.

There, a schema is a database: a name before a dot leads past the copy. It may as well be a table's or
an alias, and the name after it a column's: it counts where the database has a table or a routine of
the second name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from migrator.errors import CompareError

from .mysql import literal
from .raw import execute

_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
_SKIPPED = r"""'(?:[^'\\]|\\.|'')*'|/\*(?!!|M!).*?\*/|(?:--\s|\#)[^\n]*"""
_NAME = r"""`(?:[^`]|``)+`|"(?:[^"\\]|\\.|"")*"|[^\W\d][\w$]*|\d+[\w$]*[^\W\d][\w$]*"""
_PAIR = re.compile(rf"{_SKIPPED}|(?P<one>{_NAME})\s*\.\s*(?=(?P<other>{_NAME}))|{_NAME}", re.S)
_READS = re.compile(r"[\s(]*(SELECT|SHOW|DESC|DESCRIBE|EXPLAIN|TABLE|VALUES)\b", re.I)
_DEFINES = re.compile(r"\s*(CREATE|ALTER|DROP|RENAME|TRUNCATE)\b", re.I)
_SERVER_WIDE = re.compile(
    r"\s*(USE|GRANT|REVOKE|FLUSH|KILL|PURGE|RESET|SHUTDOWN|INSTALL|UNINSTALL|CHANGE|STOP"
    r"|SET\s+(?:GLOBAL|PERSIST|PASSWORD|@@GLOBAL|@@PERSIST)|START\s+(?:SLAVE|REPLICA|ALL)"
    r"|(?:CREATE|ALTER|DROP|RENAME)\s+(?:OR\s+REPLACE\s+)?(?:UNDO\s+)?"
    r"(?:DATABASE|SCHEMA|USER|ROLE|SERVER|TABLESPACE|LOGFILE|EVENT))\b",
    re.I,
)


def databases(connection: Any) -> dict[str, frozenset[str]]:
    """The tables and routines of each database that can be seen, all in lower case."""
    found: dict[str, set[str]] = {}
    system = ", ".join(map(literal, _SYSTEM))
    for kind in ("table", "routine"):
        for schema, name in execute(
            connection,
            f"SELECT {kind}_schema, {kind}_name FROM information_schema.{kind}s"
            f" WHERE {kind}_schema NOT IN ({system})",
        ):
            found.setdefault(str(schema).lower(), set()).add(str(name).lower())
    return {name: frozenset(inside) for name, inside in found.items()}


def named(statement: str, known: Mapping[str, frozenset[str]]) -> list[str]:
    """The databases among `known` that a statement names."""
    defines = _DEFINES.match(statement) is not None  # what it names need not be there yet
    found: dict[str, None] = {}
    for match in _PAIR.finditer(statement):
        if match["one"] is not None:
            name, inside = _plain(match["one"]), _plain(match["other"])
            if name in known and (defines or inside in known[name]):
                found[name] = None
    return list(found)


def _plain(name: str) -> str:
    if name[0] in '`"':
        name = name[1:-1].replace(name[0] * 2, name[0])
    return name.lower()


def reason(
    statement: str, known: Mapping[str, frozenset[str]], sources: Collection[str]
) -> str | None:
    """Why a statement must not be sent from a copy; None where it may.

    `sources` are the databases that were copied: even what is read from one misses what was written
    to its copy. From any other a statement may read.
    """
    wide = _SERVER_WIDE.match(statement)
    if wide is not None:
        return f"it sends {' '.join(wide[1].upper().split())}, which reaches beyond its database"
    for name in named(statement, known):
        if name in sources:
            return f"a statement names its database {name!r}, and would not ask the copy"
        if _READS.match(statement) is None:
            return f"a statement that may write names another database, {name!r}"
    return None


class Guard:
    """Refuses, on an engine, the statements that would reach beyond the copy, and says why."""

    def __init__(
        self, known: Mapping[str, frozenset[str]], sources: Collection[str], reasons: list[str]
    ) -> None:
        self._known = known
        self._sources = sources
        self._reasons = reasons

    def statement(
        self, conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        """A listener for before_cursor_execute."""
        why = reason(statement, self._known, self._sources)
        if why is None:
            return
        self._reasons.append(why)
        raise CompareError(
            f"A statement was refused: {' '.join(statement.split())[:200]}",
            f"This is a shadow compare on a copy of the database, and {why}.",
            "Leave the database's name out (`schema=`), or don't compare this request.",
        )
