"""Tier B on MySQL and MariaDB: one copy of a database, put back after each side's flow.

Their savepoints are no help (DDL and more commits by itself, and AUTO_INCREMENT knows no rollback), and a
database can't be copied in one piece. So the copy is made once, table by table, and after a flow only what
is no longer like the source is put back. The source is only read; its checksums say so in the end.

Triggers note how rows are written, and the rows themselves say whether that was all: a foreign key's
cascades and TRUNCATE go past every trigger, and some tables know no rollback.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from migrator.errors import CompareError, CopyError

from . import mysql
from .elsewhere import databases
from .model import RowChange
from .mysql import literal, plain, quoted
from .mysql_clone import SESSION, Clone, without_counters
from .raw import Runner, execute


class MysqlCopy:
    """The copy of one database, and beside it a database where triggers note what is written."""

    def __init__(self, connection: Any, run: Runner, source: str) -> None:
        """`connection` is one of the driver's own, of our own; it is closed at the end."""
        self.source = source
        self.name = f"{source[:40]}_shadow"
        self._notes = f"{self.name}_notes"
        self.left_over = False
        #: Gathers why a flow can't be compared; one list a flow.
        self.reasons: list[str] = []
        self._admin, self._run = connection, run
        self._made = False
        run(self._open)

    # ---- once a run

    def _sql(self, statement: str) -> Any:
        return execute(self._admin, statement)

    def _open(self) -> None:
        try:
            self._sql("SET NAMES utf8mb4")
            self._sql(SESSION)
            # CHECK constraints hold for what is there already.
            with suppress(Exception):  # a variable of MariaDB's alone
                self._sql("SET SESSION check_constraint_checks = 0")
            ((free,),) = self._sql(f"SELECT GET_LOCK({literal(f'migrator.{self.name}')}, 0)")
            if not free:
                raise CompareError(
                    f"Another shadow compare runs on the database {self.source!r}.",
                    "Both would use one copy of it.",
                    "Wait for its end, or give each a database of its own.",
                )
            self.known = databases(self._admin)
            for name in (self.name, self._notes):
                self.known.pop(name.lower(), None)
            self._clone = Clone(self._admin, self.source, self.name, self._notes, self.known)
            self._remove_left_overs()
            self._made = True
            self._make()
            self._before = self._clone.checksums(self.source)
            self._compare_whole()
        except (CompareError, CopyError):
            self._drop()
            raise
        except Exception as error:  # each driver has its own
            self._drop()
            pattern = self.name.replace("_", "\\_")
            raise CopyError(
                f"The database {self.source!r} can't be copied.",
                f"The server said: {' '.join(str(error).split())}",
                f"Give the user ALL on `{pattern}%`.* beside SELECT, SHOW VIEW and TRIGGER on the"
                " database; with a binary log, `log_bin_trust_function_creators` lets it make triggers.",
            ) from error

    def _remove_left_overs(self) -> None:
        there = {plain(row[0]) for row in self._sql("SHOW DATABASES")}
        inside = mysql.listed(self._admin, self._notes) if self._notes in there else []
        self.left_over = ("effects", "BASE TABLE") in inside
        if not self.left_over and (inside or self.name in there):
            raise CopyError(
                f"There is a database {self.name!r} or {self._notes!r} that no compare has made.",
                "A compare needs these names for its copy.",
                "Rename it, or compare on a database of another name.",
            )
        self._drop_both()

    def _make(self) -> None:
        """The database of notes comes first and goes last: it shows whose both are."""
        ((charset, collation),) = self._sql(
            "SELECT default_character_set_name, default_collation_name FROM"
            f" information_schema.schemata WHERE schema_name = {literal(self.source)}"
        )
        words = f"CHARACTER SET {plain(charset)} COLLATE {plain(collation)}"
        self._sql(f"CREATE DATABASE {quoted(self._notes)}")
        self._sql(f"CREATE TABLE {quoted(self._notes, 'effects')} {mysql.EFFECTS}")
        self._sql(f"CREATE DATABASE {quoted(self.name)} {words}")
        self._clone.make()
        self._first_sums = self._clone.checksums(self.name)
        self._first = self._clone.definitions()
        self._seen = 0
        self._begin()

    def _begin(self) -> None:
        """The copy is as the source."""
        self._sums, self._defined = self._first_sums, self._first
        self._more: dict[str, Counter[str]] = {}
        self._redefined: set[str] = set()

    def _compare_whole(self) -> None:
        """The copy is the source, or nothing is compared on it."""
        for name, table in self._clone.tables.items():
            if self._first_sums[name] != self._before[name] and mysql.difference(
                self._admin, table, self.source, self.name
            ):
                self._clone.refuse(f"the rows of {name!r} are others in the copy")

    def close(self) -> None:
        """Drop the copy. Raises CompareError where the source was written to meanwhile."""
        self._run(self._close)

    def _close(self) -> None:
        try:
            now = self._clone.checksums(self.source)
        finally:
            self._drop()
        self._expect(self._before, now)

    def _expect(self, before: dict[str, int], now: dict[str, int]) -> None:
        changed = [n for n in sorted({*before, *now}) if before.get(n) != now.get(n)]
        if changed:
            raise CompareError(
                f"The database {self.source!r} was written to during the compare: {', '.join(changed)}.",
                "Either somebody else uses it, or the application writes over a connection that is not"
                " of its engines, or names the database in a statement of the driver's own.",
                "Compare on a database that nobody else uses, and look at what these tables hold.",
            )

    def _drop(self) -> None:
        try:
            if self._made:
                self._drop_both()
        finally:
            self._admin.close()

    def _drop_both(self) -> None:
        self._end_sessions()
        for name in (self.name, self._notes):
            self._sql(f"DROP DATABASE IF EXISTS {quoted(name)}")

    def _end_sessions(self) -> None:
        """What an application has left open would keep its tables locked."""
        ((own,),) = self._sql("SELECT CONNECTION_ID()")
        for row in self._sql("SHOW PROCESSLIST"):
            if row[3] is not None and plain(row[3]) == self.name and int(row[0]) != int(own):
                with suppress(Exception):  # it ended by itself
                    self._sql(f"KILL {int(row[0])}")

    # ---- once a flow and side

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The name of the copy, which is as the source again after the block."""
        try:
            yield self.name
        finally:
            self._run(self._restore)

    def _restore(self) -> None:
        self._sql(f"USE {quoted(self._notes)}")
        self._end_sessions()
        if not self._put_back():
            before = self._first_sums
            self._drop_both()
            self._make()
            self._expect(before, self._first_sums)
        self._sql(f"DELETE FROM {quoted(self._notes, 'effects')}")
        self._begin()

    def _put_back(self) -> bool:
        """Whether everything is as it was again; not where definitions were changed."""
        clone, now = self._clone, self._clone.definitions()
        if without_counters(now) != without_counters(self._first):
            return False
        sums = clone.checksums(self.name)
        changed = [name for name in clone.tables if sums[name] != self._first_sums[name]]
        for name in changed:
            clone.put_rows_back(clone.tables[name])
        for name in clone.tables:
            if name in changed or now[name] != self._first[name]:
                clone.put_counter_back(name, self._first[name])
        clone.put_sequences_back()
        sums = mysql.checksums(self._admin, self.name, changed)
        return all(sums[name] == self._first_sums[name] for name in changed)

    # ---- once a request

    def step(self, now: datetime) -> None:
        """The clock is set where the application's connections are taken."""

    def writes(self) -> list[RowChange]:
        """What was written and committed since the last call: rows, and what was defined.

        Nothing where an application has left a table locked; `reasons` say so then.
        """
        if self.reasons:
            return []
        try:
            return self._run(self._writes)
        except Exception as error:  # each driver has its own
            said = " ".join(str(error).split())
            self.reasons.append(f"what was written can't be read ({said})")
            return []

    def _writes(self) -> list[RowChange]:
        clone = self._clone
        self._seen, noted = mysql.read_effects(self._admin, self._notes, self._seen)
        found = [clone.tables[n.place].change(n.operation, n.earlier, n.later) for n in noted]
        sums, defined = clone.checksums(self.name), clone.definitions()
        found += self._definitions_changed(without_counters(defined))
        for name in sorted({*self._sums, *sums}):
            old, new = self._sums.get(name), sums.get(name)
            if name not in self._redefined and name in clone.tables:
                of_table = (n for n in noted if n.place == name)
                found += self._beside(name, of_table, moved=old != new)
            elif old != new:
                found.append(RowChange(name, "fill", "", {"checksum": old}, {"checksum": new}))
        self._sums, self._defined = sums, defined
        return found

    def _definitions_changed(self, after: dict[str, str]) -> Iterable[RowChange]:
        """What was created, altered and dropped; rows of such tables are no longer told apart."""
        before = without_counters(self._defined)
        for name in {**before, **after}:
            earlier, later = before.get(name), after.get(name)
            if earlier != later:
                self._redefined.add(name)
                how = "create" if earlier is None else "drop" if later is None else "alter"
                states = (
                    None if text is None else {"definition": text} for text in (earlier, later)
                )
                yield RowChange(name, how, "", *states)

    def _beside(
        self, name: str, noted: Iterable[mysql.Noted], *, moved: bool
    ) -> Iterable[RowChange]:
        """What became of a table's rows beside what was noted."""
        table, changed = self._clone.tables[name], Counter[str]()
        if moved:
            more = mysql.difference(self._admin, table, self.source, self.name)
            changed.update(more)
            changed.subtract(self._more.get(name, Counter()))
            self._more[name] = more
        return mysql.unnoted(table, changed, list(noted))
