"""MySQL and MariaDB for a compare: what their tables hold, as text, and triggers that note it.

A row's content is the hexadecimal text of each of its values: no function for JSON, no escape and no
collation of the server's can make two rows look like one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from . import strictjson
from .model import RowChange
from .raw import execute

#: While this variable of the session is set, the triggers note nothing.
QUIET = "@migrator_shadow_quiet"
#: Of longer values their length and digest are noted: a statement has a longest size.
_LONG = 16384
_INTEGERS = frozenset(("tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit"))
_TEXTS = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"))
#: What is written out in full by being made text.
_WRITTEN = frozenset(
    (*_INTEGERS, "decimal", "enum", "set", "date", "time", "datetime", "uuid", "inet4", "inet6")
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EFFECTS = """(seq BIGINT AUTO_INCREMENT PRIMARY KEY, place VARCHAR(64) CHARACTER SET utf8mb4 NOT NULL,
    operation VARCHAR(6) CHARACTER SET ascii NOT NULL, earlier LONGTEXT CHARACTER SET ascii,
    later LONGTEXT CHARACTER SET ascii) ENGINE = InnoDB COMMENT = 'migrator shadow'"""


def quoted(*names: str) -> str:
    """Names as one qualified SQL identifier."""
    return ".".join(f"`{name.replace('`', '``')}`" for name in names)


def literal(text: str) -> str:
    """`text` as an SQL string literal, in a session without NO_BACKSLASH_ESCAPES."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is stored, not generated, and its data type."""

    name: str
    kind: str

    def text(self, row: str) -> str:
        """An SQL expression: the column's value in `row` as hexadecimal text, `-` for NULL."""
        value = f"{row}.{quoted(self.name)}"
        if self.kind == "timestamp":  # what it is written as depends on the session
            value = f"UNIX_TIMESTAMP({value})"
        elif self.kind in ("float", "double"):
            value = f"({value} * 1e0)"  # a FLOAT is written with six digits
        elif self.kind == "bit":
            value = f"({value} + 0)"
        elif self.kind not in _TEXTS and self.kind not in _WRITTEN:
            return f"IFNULL({_hex(value)}, '-')"
        value = f"CONVERT({value} USING utf8mb4)"
        return f"IFNULL({_hex(value) if self.kind in _TEXTS else f'HEX({value})'}, '-')"

    def read(self, text: str) -> object:
        """The value as a report shows it."""
        if text == "-":
            return None
        if text.startswith("#"):
            length, _, digest = text[1:].partition(":")
            return f"{length} bytes, SHA-256 {digest.lower()}"
        if self.kind in _INTEGERS:
            return int(bytes.fromhex(text))
        if self.kind == "timestamp":
            return _moment(bytes.fromhex(text).decode())
        if self.kind in _TEXTS or self.kind in _WRITTEN or self.kind in ("float", "double"):
            return bytes.fromhex(text).decode()
        return f"0x{text.lower()}"


def _hex(value: str) -> str:
    digest = f"CONCAT('#', LENGTH({value}), ':', SHA2({value}, 256))"
    return f"IF(LENGTH({value}) > {_LONG}, {digest}, HEX({value}))"


def _moment(seconds: str) -> str:
    whole, _, fraction = seconds.partition(".")
    if not int(whole) and not int(fraction or 0):
        return "0000-00-00 00:00:00"  # what a session that isn't strict makes of nonsense
    shown = (_EPOCH + timedelta(seconds=int(whole))).strftime("%Y-%m-%d %H:%M:%S")
    return f"{shown}.{fraction}+00" if fraction else f"{shown}+00"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its stored columns, and those of its primary key."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def content(self, row: str) -> str:
        """An SQL expression: what `row` (an alias, OLD or NEW) holds."""
        return f"CONCAT_WS(',', {', '.join(column.text(row) for column in self.columns)})"

    def document(self, content: str) -> dict[str, object]:
        """The values by column."""
        texts = content.split(",")
        return {c.name: c.read(text) for c, text in zip(self.columns, texts, strict=True)}

    def change(self, operation: str, earlier: str | None, later: str | None) -> RowChange:
        """A row written, by what it held; keyed by its primary key, or by its whole content."""
        before, after = (None if t is None else self.document(t) for t in (earlier, later))
        shown = after if after is not None else before or {}
        if self.key:
            key = ",".join(strictjson.show(shown.get(column)) for column in self.key)
        else:
            key = strictjson.canonical(shown)
        return RowChange(self.name, operation, key, before, after)

    def trigger(self, name: str, operation: str, notes: str) -> str:
        """The statement that makes a trigger in the current database; it notes in the database `notes`."""
        earlier = self.content("OLD") if operation != "insert" else "NULL"
        later = self.content("NEW") if operation != "delete" else "NULL"
        return (
            f"CREATE TRIGGER {quoted(name)}"
            f" AFTER {operation.upper()} ON {quoted(self.name)} FOR EACH ROW"
            f" BEGIN IF {QUIET} IS NULL THEN"
            f" INSERT INTO {quoted(notes, 'effects')} (place, operation, earlier, later)"
            f" VALUES ({literal(self.name)}, '{operation}', {earlier}, {later}); END IF; END"
        )


def tables(connection: Any, database: str) -> dict[str, Table]:
    """The base tables of a database by their names."""
    where = f"table_schema = {literal(database)}"
    columns: dict[str, list[Column]] = {}
    for table, name, kind in execute(
        connection,
        f"""SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE {where} AND COALESCE(generation_expression, '') = '' ORDER BY 1, ordinal_position""",
    ):
        columns.setdefault(plain(table), []).append(Column(plain(name), plain(kind).lower()))
    keys: dict[str, list[str]] = {}
    for table, name in execute(
        connection,
        f"""SELECT table_name, column_name FROM information_schema.statistics
        WHERE {where} AND index_name = 'PRIMARY' ORDER BY 1, seq_in_index""",
    ):
        keys.setdefault(plain(table), []).append(plain(name))
    return {
        name: Table(name, tuple(columns[name]), tuple(keys.get(name, ())))
        for name, kind in listed(connection, database)
        if kind == "BASE TABLE"
    }


def listed(connection: Any, database: str) -> list[tuple[str, str]]:
    """Everything that stands among a database's tables, and of what kind it is."""
    return [
        (plain(row[0]), plain(row[1]))
        for row in execute(connection, f"SHOW FULL TABLES FROM {quoted(database)}")
    ]


def checksums(connection: Any, database: str, names: Iterable[str]) -> dict[str, int]:
    """A number a table that another content almost never has."""
    wanted = list(names)
    if not wanted:
        return {}
    places = ", ".join(quoted(database, name) for name in wanted)
    found = execute(connection, f"CHECKSUM TABLE {places} EXTENDED")
    return {name: int(row[1] or 0) for name, row in zip(wanted, found, strict=True)}


def joined(table: Table, one: str, other: str) -> str:
    """FROM and WHERE: the rows of the table in the database `one` that `other` has not, as `a` and `b`."""
    same = " AND ".join(f"a.{quoted(name)} = b.{quoted(name)}" for name in table.key)
    return (
        f"FROM {quoted(one, table.name)} a LEFT JOIN {quoted(other, table.name)} b ON {same}"
        f" WHERE b.{quoted(table.key[0])} IS NULL OR {table.content('a')} <> {table.content('b')}"
    )


def difference(connection: Any, table: Table, source: str, copy: str) -> Counter[str]:
    """How many more rows of each content the copy has than the source; below zero: how many less."""
    found: Counter[str] = Counter()
    if table.key:
        for one, other, count in ((copy, source, 1), (source, copy, -1)):
            select = f"SELECT {table.content('a')} {joined(table, one, other)}"
            for (content,) in execute(connection, select):
                found[plain(content)] += count
        return found
    either = " UNION ALL ".join(
        f"SELECT {table.content('a')} AS content, {count} AS side FROM {quoted(of, table.name)} a"
        for of, count in ((copy, 1), (source, -1))
    )
    # By their digests: a server sorts long texts by what they begin with.
    for content, count in execute(
        connection,
        f"SELECT MAX(content), SUM(side) FROM ({either}) AS rows_"
        " GROUP BY SHA2(content, 256) HAVING SUM(side) <> 0",
    ):
        found[plain(content)] += int(count)
    return found


@dataclass(frozen=True, slots=True)
class Noted:
    """One row as a trigger noted it."""

    place: str
    operation: str
    earlier: str | None
    later: str | None


def read_effects(connection: Any, notes: str, after: int) -> tuple[int, list[Noted]]:
    """What the triggers noted since the number `after`, in order, and the last number."""
    rows = execute(
        connection,
        f"SELECT seq, place, operation, earlier, later FROM {quoted(notes, 'effects')}"
        f" WHERE seq > {after} ORDER BY seq",
    )
    last = int(rows[-1][0]) if rows else after
    return last, [Noted(plain(r[1]), plain(r[2]), _text(r[3]), _text(r[4])) for r in rows]


def unnoted(table: Table, changed: Counter[str], noted: Sequence[Noted]) -> list[RowChange]:
    """What became of the rows beside what triggers noted: a foreign key's cascades, TRUNCATE, tables
    that know no rollback.

    `changed` says how many more rows of each content there are than before.
    """
    left = Counter(changed)
    for one in noted:
        if one.later is not None:
            left[one.later] -= 1
        if one.earlier is not None:
            left[one.earlier] += 1
    gone: dict[str, list[str]] = {}
    come: dict[str, list[str]] = {}
    for content, count in sorted(left.items()):
        to = come if count > 0 else gone
        key = table.change("insert", None, content).key
        to.setdefault(key, []).extend([content] * abs(count))
    found: list[RowChange] = []
    for key in sorted({*gone, *come}):
        before, after = gone.get(key, []), come.get(key, [])
        while before and after:
            found.append(table.change("update", before.pop(), after.pop()))
        found += [table.change("delete", content, None) for content in before]
        found += [table.change("insert", None, content) for content in after]
    return found


def plain(value: Any) -> str:
    """Texts of the catalogue are bytes with some drivers."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _text(value: Any) -> str | None:
    return None if value is None else plain(value)
