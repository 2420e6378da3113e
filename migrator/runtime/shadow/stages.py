"""Where a flow runs: tier A on pinned connections, tier B on copies. Both give the same handle.

A stage is entered once a side and flow; its handle sets clock and chance before each request and
reads the rows written after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Engine, event

from migrator.errors import CompareError, CopyError, DatabaseUnreachable

from . import elsewhere, postgresql
from .clone import MYSQL, PostgresqlClones, Probe, Redirect, SqliteClones
from .databases import Database, labels
from .freeze import Determinism
from .model import RowChange
from .mysql_clock import Clock
from .mysql_copy import MysqlCopy
from .observe import Application
from .pin import Pin
from .raw import Runner
from .sqlite import Functions


class Handle(Protocol):
    """One side's run of a flow."""

    unfaithful: list[str]

    def step(self, frozen: Determinism) -> None:
        """Begin the next request."""

    def writes(self) -> list[RowChange]:
        """The rows written and committed since the last call."""

    def check(self) -> None:
        """Gather in `unfaithful` what shows that the stage can't imitate this flow."""


class NoDatabase:
    """The handle of an application without engines."""

    def __init__(self) -> None:
        self.unfaithful: list[str] = []

    def step(self, frozen: Determinism) -> None:
        """Nothing to set."""

    def writes(self) -> list[RowChange]:
        return []

    def check(self) -> None:
        """Nothing to imitate."""


class Pinned:
    """Tier A for all engines of both applications."""

    name = "A"

    def __init__(self, applications: list[Application]) -> None:
        self._runners = _runners(applications)
        self._connecting = {e: r for side in applications for e, r in side.connecting.items()}
        self._labels = labels(applications)
        self.layouts: dict[Database, postgresql.Layout] = {}
        self._controls: dict[Database, tuple[Any, Runner]] = {}
        self._redirects: list[Redirect] = []
        self._pins: dict[Engine, Pin] = {}
        #: Whether a database can be compared on copies alone.
        self.only_copies = False

    def open(self) -> None:
        """Make the triggers and put every engine on one connection."""
        try:
            for engine, run in self._runners.items():
                connecting = self._connecting[engine]
                _reach(engine, connecting)
                self._prepare(engine, run)
                if Database.of(engine).dialect == "mysql":
                    self.only_copies = True
                    continue
                layout = self.layouts.get(Database.of(engine))
                pin = Pin(engine, run, layout)
                self._pins[engine] = pin
                pin.open(connecting)
        except BaseException:
            self.close(keep=False)
            raise

    def _prepare(self, engine: Engine, run: Runner) -> None:
        database = Database.of(engine)
        if database.dialect not in ("postgresql", "sqlite", "mysql"):
            raise CompareError(
                f"The database is {database.dialect}.",
                "Shadow compare knows PostgreSQL, SQLite, MySQL and MariaDB.",
                "Point both applications at one of them.",
            )
        if database.dialect == "mysql" and not database.name:
            raise CompareError(
                f"The URL {engine.url!r} names no database.",
                "A shadow compare copies the database that the engine connects to.",
                "Write its name at the end of the URL.",
            )
        if database.dialect != "postgresql" or database in self.layouts:
            return
        redirect = Redirect(engine, run)
        self._redirects.append(redirect)
        connection = redirect.connect(None)
        self._controls[database] = (connection, run)
        if not run(lambda: postgresql.occupy(connection)):
            run(connection.close)
            del self._controls[database]
            raise CompareError(
                f"Another shadow compare runs in the database {database.name!r}.",
                "Both would write down each other's rows.",
                "Wait for its end, or give each a database of its own.",
            )
        try:
            self.layouts[database] = run(lambda: postgresql.install(connection))
        except Exception as error:
            raise CompareError(
                f"The database {database.name!r} can't be prepared for a compare.",
                f"It said: {str(error).strip()}.",
                "Use a user that owns the tables and may create a schema, or a copy of the database.",
            ) from error

    def close(self, *, keep: bool) -> None:
        """Give the engines their pools back; the triggers go unless `keep` leaves them for copies.

        What fails doesn't keep the rest from being put in order.
        """
        with ExitStack() as stack:  # last in, first out
            for redirect in self._redirects:
                stack.callback(redirect.close)
            for database, (connection, run) in self._controls.items():
                stack.callback(run, connection.close)
                if not keep:
                    stack.callback(run, partial(postgresql.uninstall, connection))
                stack.callback(self._restore, database)
            for pin in self._pins.values():
                stack.callback(pin.close)
        self._redirects.clear()
        self._controls.clear()
        self._pins.clear()

    def _restore(self, database: Database) -> None:
        """Sequences stand where they stood: a rollback leaves them."""
        connection, run = self._controls[database]
        layout = self.layouts.get(database)
        if layout is not None:
            run(lambda: postgresql.restore_sequences(connection, layout))

    @contextmanager
    def side(self, application: Application) -> Iterator[Handle]:
        """One application's run of a flow, undone at the end of the block."""
        pins = [self._pins[engine] for engine in application.engines]
        for database in self._controls:
            self._restore(database)
        handle = _PinnedHandle(pins, self._labels)
        begun: list[Pin] = []
        try:
            for pin in pins:
                pin.begin()
                begun.append(pin)
            yield handle
        finally:
            for pin in begun:
                pin.end()
            handle.check()


class _PinnedHandle:
    def __init__(self, pins: list[Pin], labels: Mapping[Database, str]) -> None:
        self._pins = {pin: Database.of(pin.engine) for pin in pins}
        self._labels = labels
        self.unfaithful: list[str] = []

    def step(self, frozen: Determinism) -> None:
        for pin in self._pins:
            pin.step(frozen.now, frozen.fraction)

    def writes(self) -> list[RowChange]:
        return _labelled((self._labels[of], pin.writes()) for pin, of in self._pins.items())

    def check(self) -> None:
        """Gather what showed that one connection an engine was not enough."""
        reasons = [reason for pin in self._pins for reason in pin.unfaithful]
        for database in set(self._pins.values()):
            used = [pin for pin, of in self._pins.items() if of == database and pin.statements]
            if len(used) > 1 and any(pin.wrote for pin in used):
                reasons.append("two engines were used, and one does not see what the other wrote")
        self.unfaithful = list(dict.fromkeys(reasons))


class Cloned:
    """Tier B for all engines of both applications. Opened after tier A has been closed."""

    name = "B"

    def __init__(
        self, applications: list[Application], layouts: Mapping[Database, postgresql.Layout]
    ) -> None:
        self._runners = _runners(applications)
        self._labels = labels(applications)
        self._layouts = layouts
        self._redirects = {engine: Redirect(engine, run) for engine, run in self._runners.items()}
        self._sources: dict[Database, PostgresqlClones | SqliteClones | MysqlCopy] = {}
        self.notes: list[str] = []

    def open(self) -> None:
        """Make a template of each database: the engines' own connections are closed for it."""
        for redirect in self._redirects.values():
            redirect.run(redirect.engine.pool.dispose)
        for engine, redirect in self._redirects.items():
            database = Database.of(engine)
            if database in self._sources:
                continue
            if database.dialect == "postgresql":
                self._sources[database] = PostgresqlClones(redirect, database.name)
            elif database.dialect == "mysql":
                copy = MysqlCopy(redirect.connect(None), redirect.run, database.name)
                self._sources[database] = copy
                if copy.left_over:
                    self.notes.append(
                        f"A copy that an earlier compare left behind was removed: {copy.name}."
                    )
            elif database.name == ":memory:":
                raise CopyError(
                    "The database is in memory.",
                    "Tier B copies a file, and there is none.",
                    "Use a file.",
                )
            else:
                self._sources[database] = SqliteClones(database.name)
        for engine, redirect in self._redirects.items():
            source = self._sources[Database.of(engine)]
            if isinstance(source, MysqlCopy):  # each of them, for none may write to the source
                redirect.run(redirect.connect(source.name).close)

    def close(self) -> None:
        """Point the engines back, drop the copies, and take the triggers out of the source.

        What fails doesn't keep the rest from being put in order.
        """
        with ExitStack() as stack:  # last in, first out
            for redirect in self._redirects.values():
                stack.callback(redirect.close)
            for source in self._sources.values():
                stack.callback(source.close)
            for engine, redirect in self._redirects.items():
                if isinstance(self._sources.get(Database.of(engine)), PostgresqlClones):
                    stack.callback(self._uninstall, redirect)
                stack.callback(redirect.to, None)

    @staticmethod
    def _uninstall(redirect: Redirect) -> None:
        connection = redirect.connect(None)
        redirect.run(lambda: postgresql.uninstall(connection))
        redirect.run(connection.close)

    @contextmanager
    def side(self, application: Application) -> Iterator[Handle]:
        """One application's run of a flow on fresh copies."""
        handle = _ClonedHandle()
        places: dict[Database, str] = {}
        with ExitStack() as stack:  # last in, first out: who uses a copy goes before the copy
            for engine in application.engines:
                database = Database.of(engine)
                redirect, source = self._redirects[engine], self._sources[database]
                if database not in places:
                    places[database] = stack.enter_context(source.copy())
                    reader: Reader = (
                        source
                        if isinstance(source, MysqlCopy)
                        else self._probe(redirect, places[database], source, stack)
                    )
                    handle.readers.append((self._labels[database], reader))
                stack.callback(redirect.to, None)
                redirect.to(places[database])
                handle.watch(engine)
                if isinstance(source, MysqlCopy):
                    source.reasons = handle.unfaithful
                    guard = elsewhere.Guard(source.known, self._mysql_names(), handle.unfaithful)
                    event.listen(engine, "before_cursor_execute", guard.statement)
                    stack.callback(event.remove, engine, "before_cursor_execute", guard.statement)
                redirect.run(lambda e=engine: e.raw_connection().close())  # type: ignore[misc]
            stack.callback(handle.close)
            yield handle

    def _probe(
        self,
        redirect: Redirect,
        place: str,
        source: PostgresqlClones | SqliteClones,
        stack: ExitStack,
    ) -> Probe:
        keys = (
            source.keys
            if isinstance(source, SqliteClones)
            else self._layouts[Database.of(redirect.engine)].primary_keys
        )
        probe = Probe(redirect, place, keys)
        stack.callback(probe.close)
        return probe

    def _mysql_names(self) -> frozenset[str]:
        return frozenset(of.name.lower() for of in self._sources if of.dialect == "mysql")


class Reader(Protocol):
    """Reads what was committed in a copy."""

    def step(self, now: datetime) -> None:
        """Set the frozen clock for the next request, where the copy keeps it."""

    def writes(self) -> list[RowChange]:
        """The rows written and committed since the last call."""


@dataclass
class _ClonedHandle:
    readers: list[tuple[str, Reader]] = field(default_factory=list)
    #: Filled by what refuses statements; a copy is faithful otherwise.
    unfaithful: list[str] = field(default_factory=list)
    _functions: Functions = field(default_factory=Functions)
    _clock: Clock = field(default_factory=Clock)

    def watch(self, engine: Engine) -> None:
        """Put clock and chance on the connections of the engine's pool of now."""
        if engine.dialect.name == "sqlite":
            functions = self._functions
            event.listen(engine.pool, "connect", lambda c, record: functions.register(c))
        elif engine.dialect.name in MYSQL:
            event.listen(engine.pool, "checkout", self._clock.checkout)

    def step(self, frozen: Determinism) -> None:
        self._functions.step(frozen.now, frozen.fraction)
        self._clock.step(frozen.now, frozen.fraction)
        for _, reader in self.readers:
            reader.step(frozen.now)

    def writes(self) -> list[RowChange]:
        return _labelled((label, reader.writes()) for label, reader in self.readers)

    def check(self) -> None:
        """Reasons are gathered as they come."""

    def close(self) -> None:
        self._functions.close()


class Bare:
    """The stage of applications that have no database."""

    name = "–"

    @contextmanager
    def side(self, application: Application) -> Iterator[Handle]:
        """Nothing to begin and nothing to undo."""
        yield NoDatabase()


def _reach(engine: Engine, run: Runner) -> None:
    """Connect once, so that a database that isn't there is one clear message."""
    try:
        run(lambda: engine.raw_connection().close())
    except Exception as error:  # each driver has its own
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseUnreachable(
            f"The database {shown} can't be used.",
            f"The driver said: {' '.join(str(error).split())}",
            "Start it, or correct the settings that both applications read.",
        ) from error


def _labelled(found: Iterable[tuple[str, list[RowChange]]]) -> list[RowChange]:
    """The rows of all databases, one after the other: in what order they were written among each
    other, nothing says."""
    return [
        replace(row, table=f"{label}:{row.table}") if label else row
        for label, rows in sorted(found, key=itemgetter(0))
        for row in rows
    ]


def _runners(applications: list[Application]) -> dict[Engine, Runner]:
    return {e: run for application in applications for e, run in application.engines.items()}
