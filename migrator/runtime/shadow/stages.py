"""Where a flow runs: tier A on pinned connections, tier B on copies. Both give the same handle.

A stage is entered once a side and flow; its handle sets clock and chance before each request and
reads the rows written after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Engine

from migrator.errors import CompareError, CopyError, DatabaseUnreachable

from . import postgresql
from .clone import PostgresqlClones, Probe, Redirect, SqliteClones
from .databases import Database, labels
from .freeze import Determinism
from .model import RowChange
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

    def open(self) -> None:
        """Make the triggers and put every engine on one connection."""
        try:
            for engine, run in self._runners.items():
                connecting = self._connecting[engine]
                _reach(engine, connecting)
                self._prepare(engine, run)
                layout = self.layouts.get(Database.of(engine))
                pin = Pin(engine, run, layout)
                self._pins[engine] = pin
                pin.open(connecting)
        except BaseException:
            self.close(keep=False)
            raise

    def _prepare(self, engine: Engine, run: Runner) -> None:
        database = Database.of(engine)
        if engine.dialect.name not in ("postgresql", "sqlite"):
            raise CompareError(
                f"The database is {engine.dialect.name}.",
                "Shadow compare knows PostgreSQL and SQLite.",
                "Point both applications at one of them.",
            )
        if engine.dialect.name != "postgresql" or database in self.layouts:
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
        self._sources: dict[Database, PostgresqlClones | SqliteClones] = {}

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
            elif database.name == ":memory:":
                raise CopyError(
                    "The database is in memory.",
                    "Tier B copies a file, and there is none.",
                    "Use a file.",
                )
            else:
                self._sources[database] = SqliteClones(database.name)

    def close(self) -> None:
        """Point the engines back, drop the copies, and take the triggers out of the source."""
        for engine, redirect in self._redirects.items():
            redirect.to(None)
            source = self._sources.get(Database.of(engine))
            if isinstance(source, PostgresqlClones):
                connection = redirect.connect(None)
                redirect.run(lambda c=connection: postgresql.uninstall(c))  # type: ignore[misc]
                redirect.run(connection.close)
        for source in self._sources.values():
            source.close()
        for redirect in self._redirects.values():
            redirect.close()

    @contextmanager
    def side(self, application: Application) -> Iterator[Handle]:
        """One application's run of a flow on fresh copies."""
        handle = _ClonedHandle()
        opened = []
        places: dict[Database, str] = {}
        try:
            for engine in application.engines:
                database = Database.of(engine)
                redirect = self._redirects[engine]
                if database not in places:
                    source = self._sources[database]
                    copy = source.copy()
                    places[database] = copy.__enter__()
                    opened.append(copy)
                    keys = (
                        source.keys
                        if isinstance(source, SqliteClones)
                        else self._layouts[database].primary_keys
                    )
                    probe = Probe(redirect, places[database], keys)
                    handle.probes.append((self._labels[database], probe))
                redirect.to(places[database])
                handle.watch(engine)
                redirect.run(lambda e=engine: e.raw_connection().close())  # type: ignore[misc]
            yield handle
        finally:
            handle.close()
            for engine in application.engines:
                self._redirects[engine].to(None)
            for copy in opened:
                copy.__exit__(None, None, None)


@dataclass
class _ClonedHandle:
    probes: list[tuple[str, Probe]] = field(default_factory=list)
    unfaithful: list[str] = field(default_factory=list)
    _functions: Functions = field(default_factory=Functions)

    def watch(self, engine: Engine) -> None:
        """Put clock and chance on each new connection of the engine."""
        from sqlalchemy import event

        functions, name = self._functions, engine.dialect.name

        def connect(connection: Any, record: Any) -> None:
            if name == "sqlite":
                functions.register(connection)

        event.listen(engine.pool, "connect", connect)

    def step(self, frozen: Determinism) -> None:
        self._functions.step(frozen.now, frozen.fraction)
        for _, probe in self.probes:
            probe.step(frozen.now)

    def writes(self) -> list[RowChange]:
        return _labelled((label, probe.writes()) for label, probe in self.probes)

    def check(self) -> None:
        """A copy is faithful."""

    def close(self) -> None:
        for _, probe in self.probes:
            probe.close()
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
