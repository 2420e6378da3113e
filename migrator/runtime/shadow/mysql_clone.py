"""One database of MySQL's or MariaDB's made like another: tables with their rows, sequences, routines,
views and triggers, and the same put back where something was written.

https://mariadb.com/kb/en/show-create-table/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from migrator.errors import CopyError

from . import mysql
from .elsewhere import named
from .mysql import QUIET, Table, literal, plain, quoted
from .raw import execute

#: Seconds that our own statements wait for what an application left locked.
_WAIT = 10
SESSION = (
    "SET SESSION autocommit = 1, sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0,"
    " unique_checks = 0, sql_safe_updates = 0, sql_quote_show_create = 1, time_zone = '+00:00',"
    f" lock_wait_timeout = {_WAIT}, innodb_lock_wait_timeout = {_WAIT}, wait_timeout = 28800"
)
_ENGINES = frozenset(("innodb", "myisam", "aria", "memory"))
_OPERATIONS = ("insert", "update", "delete")
_DEFINER = re.compile(r"\s+DEFINER\s*=\s*`(?:[^`]|``)*`@`(?:[^`]|``)*`", re.I)
_COUNTER = re.compile(r"(\n\).* ENGINE=\w+) AUTO_INCREMENT=(\d+)")


class Clone:
    """A database `name`, empty at first, that becomes like `source`; its triggers note in `notes`."""

    def __init__(
        self,
        connection: Any,
        source: str,
        name: str,
        notes: str,
        known: Mapping[str, frozenset[str]],
    ) -> None:
        """`connection` has had SESSION; `known` are the databases that nothing in it may name."""
        self._connection = connection
        self._known = known
        self.source, self.name, self._notes = source, name, notes
        self.tables: dict[str, Table] = {}
        self._triggers: dict[str, list[str]] = {}

    def _sql(self, statement: str) -> Any:
        return execute(self._connection, statement)

    def make(self) -> None:
        """Copy everything. Raises CopyError for what can't be copied faithfully."""
        self._refuse_what_cannot_be_copied()
        self.tables = mysql.tables(self._connection, self.source)
        kinds = dict(mysql.listed(self._connection, self.source))
        for name, kind in kinds.items():
            if kind == "SEQUENCE":
                self._sequence(name)
        for table in self.tables.values():
            self._table(table)
        for kind, name, _ in self._routines(self.source):
            self._create(kind, name)
        self._views([name for name, kind in kinds.items() if kind == "VIEW"])
        self._read_triggers()
        for name in self.tables:
            self._make_triggers(name)
            self.put_counter_back(name, self._definition(self.source, name))

    def _refuse_what_cannot_be_copied(self) -> None:
        for name, engine in self._sql(
            "SELECT table_name, engine FROM information_schema.tables"
            f" WHERE table_schema = {literal(self.source)}"
            " AND table_type NOT IN ('VIEW', 'SEQUENCE')"
        ):
            if plain(engine).lower() not in _ENGINES:
                self.refuse(f"the table {plain(name)!r} is kept by {plain(engine)}")
        for name, kind in mysql.listed(self._connection, self.source):
            if kind not in ("BASE TABLE", "VIEW", "SEQUENCE"):
                self.refuse(f"{name!r} is a {kind.lower()}, whose history would be lost")

    def refuse(self, why: str) -> None:
        """Raises CopyError."""
        raise CopyError(
            f"The database {self.source!r} can't be copied faithfully: {why}.",
            "A shadow compare on MySQL and MariaDB runs on a copy.",
            "Compare on a database without it.",
        )

    # ---- what there is

    def _table(self, table: Table) -> None:
        self._sql(f"USE {quoted(self.name)}")
        self._sql(self._definition(self.source, table.name))
        columns = ", ".join(quoted(column.name) for column in table.columns)
        self._sql(
            f"INSERT INTO {quoted(self.name, table.name)} ({columns})"
            f" SELECT {columns} FROM {quoted(self.source, table.name)}"
        )
        self._sql(f"ANALYZE TABLE {quoted(self.name, table.name)}")  # one plan for both sides

    def _sequence(self, name: str) -> None:
        ((_, statement),) = self._sql(f"SHOW CREATE SEQUENCE {quoted(self.source, name)}")
        self._sql(f"USE {quoted(self.name)}")
        self._sql(f"DROP SEQUENCE IF EXISTS {quoted(name)}")
        self._sql(plain(statement))
        state = ", ".join(map(str, self._state(self.source, name)))
        self._sql(f"INSERT INTO {quoted(name)} VALUES ({state})")

    def _state(self, database: str, sequence: str) -> tuple[object, ...]:
        return tuple(self._sql(f"SELECT * FROM {quoted(database, sequence)}")[0])

    def _create(self, kind: str, name: str) -> None:
        """Make a view, a routine or a trigger as it is in the source, owned by our user."""
        self._sql(f"USE {quoted(self.source)}")  # else a view's definition names the database
        row = self._sql(f"SHOW CREATE {kind} {quoted(name)}")[0]
        view = kind == "VIEW"
        statement = row[1 if view else 2]
        if statement is None:
            self.refuse(f"the {kind.lower()} {name!r} is not shown to this user")
        for other in named(plain(statement), self._known):
            self.refuse(f"the {kind.lower()} {name!r} names the database {other!r}")
        mode = "" if view else f", sql_mode = {literal(plain(row[1]))}"
        collation = plain(row[3 if view else 4])
        self._sql(f"USE {quoted(self.name)}")
        self._sql(f"SET SESSION collation_connection = {collation}{mode}")
        try:
            self._sql(_DEFINER.sub("", plain(statement), count=1))
        finally:
            self._sql("SET NAMES utf8mb4")
            self._sql(SESSION)

    def _views(self, names: list[str]) -> None:
        """Each after those that it is made of."""
        while names:
            failed = []
            for name in names:
                try:
                    self._create("VIEW", name)
                except CopyError:
                    raise
                except Exception as error:  # made of one that isn't there yet, or broken
                    failed.append(name)
                    problem = error
            if len(failed) == len(names):
                raise problem
            names = failed

    def _routines(self, database: str) -> list[tuple[str, str, str]]:
        """Kind, name and body of each."""
        return [
            (plain(row[0]), plain(row[1]), f"{row[2]} {row[3]}")
            for row in self._sql(
                "SELECT routine_type, routine_name, dtd_identifier, routine_definition"
                f" FROM information_schema.routines WHERE routine_schema = {literal(database)}"
                " ORDER BY 1, 2"
            )
        ]

    def _read_triggers(self) -> None:
        self._triggers = {}
        for name, table in self._sql(
            "SELECT trigger_name, event_object_table FROM information_schema.triggers"
            f" WHERE trigger_schema = {literal(self.source)}"
            " ORDER BY event_object_table, action_order"
        ):
            self._triggers.setdefault(plain(table), []).append(plain(name))

    def _make_triggers(self, table: str) -> None:
        """The application's, and then ours: what they note is what was stored."""
        for trigger in self._triggers.get(table, ()):
            self._create("TRIGGER", trigger)
        self._sql(f"USE {quoted(self.name)}")
        for trigger, operation in self._our_triggers(table).items():
            self._sql(self.tables[table].trigger(trigger, operation, self._notes))

    def _our_triggers(self, table: str) -> dict[str, str]:
        """The operation of each by its name, which has no place for a table's."""
        number = list(self.tables).index(table)
        return {f"migrator_shadow_{number}_{operation}": operation for operation in _OPERATIONS}

    # ---- and where it is other than in the source

    def put_rows_back(self, table: Table) -> None:
        """The rows of the table as they are in the source."""
        triggers = self._triggers.get(table.name)
        if triggers:  # they would write more
            for trigger in (*triggers, *self._our_triggers(table.name)):
                self._sql(f"DROP TRIGGER {quoted(self.name, trigger)}")
        self._sql(f"SET {QUIET} = 1")
        names = [quoted(column.name) for column in table.columns]
        place = quoted(self.name, table.name)
        missing = f"FROM {quoted(self.source, table.name)} a"
        if table.key:
            self._sql(f"DELETE a {mysql.joined(table, self.name, self.source)}")
            missing = mysql.joined(table, self.source, self.name)
        else:
            self._sql(f"DELETE FROM {place}")
        values = ", ".join(f"a.{name}" for name in names)
        self._sql(f"INSERT INTO {place} ({', '.join(names)}) SELECT {values} {missing}")
        self._sql(f"SET {QUIET} = NULL")
        if triggers:
            self._make_triggers(table.name)

    def put_counter_back(self, name: str, definition: str) -> None:
        """AUTO_INCREMENT as `definition` has it: a table's rows may be put back, the next id is another."""
        wanted, found = (
            _COUNTER.search(text) for text in (definition, self._definition(self.name, name))
        )
        to, at = (1 if match is None else int(match[2]) for match in (wanted, found))
        if to != at:
            self._sql(f"ALTER TABLE {quoted(self.name, name)} AUTO_INCREMENT = {to}")

    def put_sequences_back(self) -> None:
        """Each sequence as it is in the source."""
        for name, kind in mysql.listed(self._connection, self.name):
            if kind == "SEQUENCE" and self._state(self.name, name) != self._state(
                self.source, name
            ):
                self._sequence(name)

    # ---- compared

    def checksums(self, database: str) -> dict[str, int]:
        """Of each table a number that stands for its rows."""
        names = [n for n, kind in mysql.listed(self._connection, database) if kind == "BASE TABLE"]
        return mysql.checksums(self._connection, database, names)

    def _definition(self, database: str, name: str) -> str:
        return plain(self._sql(f"SHOW CREATE TABLE {quoted(database, name)}")[0][1])

    def definitions(self) -> dict[str, str]:
        """How the copy's tables and views are defined; triggers and routines with a word before their names."""
        found = {
            name: self._definition(self.name, name)
            for name, kind in mysql.listed(self._connection, self.name)
            if kind != "SEQUENCE"
        }
        for row in self._sql(f"SHOW TRIGGERS FROM {quoted(self.name)}"):
            name, event, table, statement, timing = map(plain, row[:5])
            found[f"trigger {name}"] = f"{timing} {event} ON {table} {statement}"
        for kind, name, body in self._routines(self.name):
            found[f"{kind.lower()} {name}"] = body
        return found


def without_counters(definitions: Mapping[str, str]) -> dict[str, str]:
    """The definitions without what AUTO_INCREMENT gives next."""
    return {name: _COUNTER.sub(r"\1", text) for name, text in definitions.items()}
