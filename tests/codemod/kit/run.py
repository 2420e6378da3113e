"""Runs a function of the kit's shop on a sync driver and its conversion on an async one.

The two runs start from the same rows. What is compared: the value or the exception's class, the
rows as the session sees them afterwards, and the rows that are left once it is closed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import shutil
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Query, Session
from sqlalchemy.pool import NullPool, StaticPool

SHOP = Path(__file__).parent / "shop"
#: Modules of the shop that hold no functions to run.
FURNITURE = frozenset({"__init__", "models", "seed"})

Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Outcome:
    """What one run gave."""

    value: Any
    error: str
    seen: Rows | str
    left: Rows


def agree(legacy: Outcome, converted: Outcome) -> None:
    """Both runs came to the same, with the same rows in sight and left."""
    assert converted.error == legacy.error, (legacy.error, converted.error)
    assert same(legacy.value, converted.value), (legacy.value, converted.value)
    assert converted.seen == legacy.seen, (legacy.seen, converted.seen)
    assert converted.left == legacy.left, (legacy.left, converted.left)


def load_package(folder: Path, name: str) -> dict[str, ModuleType]:
    """Import every module of a package from its folder, under a name of its own."""
    modules: dict[str, ModuleType] = {}
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)
    for file in sorted(folder.glob("*.py")):
        if file.stem != "__init__":
            modules[file.stem] = importlib.import_module(f"{name}.{file.stem}")
    return modules


def functions(folder: Path = SHOP) -> list[str]:
    """`module.function` of everything that can be called with a session alone."""
    found = []
    modules = load_package(folder, "kit_listed")
    for stem, module in modules.items():
        if stem in FURNITURE:
            continue
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                required = [
                    p.name
                    for p in inspect.signature(value).parameters.values()
                    if p.default is p.empty and p.kind is not p.VAR_KEYWORD
                ]
                if required == ["session"]:
                    found.append(f"{stem}.{name}")
    return found


def normal(value: Any, depth: int = 0) -> Any:
    """A value as plain data: instances by class, identity and what is loaded of them."""
    if isinstance(value, sa.Row | list | tuple):
        kind = "row" if isinstance(value, sa.Row) else type(value).__name__
        return (kind, [normal(v, depth) for v in value])
    if isinstance(value, dict):
        return ("dict", [(normal(k, depth), normal(v, depth)) for k, v in value.items()])
    if isinstance(value, set | frozenset):
        return ("set", sorted(repr(normal(v, depth)) for v in value))
    state = sa.inspect(value, raiseerr=False)
    if state is None or not hasattr(state, "identity"):
        return repr(value) if isinstance(value, float) else value
    columns = {a.key for a in state.mapper.column_attrs}
    related = {r.key for r in state.mapper.relationships if r.lazy != "dynamic"}
    loaded = {k: v for k, v in state.dict.items() if k in columns}
    more = {k: normal(state.dict[k], depth + 1) for k in related & set(state.dict)}
    if depth > 2:
        more = {}
    return {"class": type(value).__name__, "identity": state.identity, **loaded, **more}


def same(legacy: Any, converted: Any) -> bool:
    """Whether the converted value is the legacy one; it may have more loaded, never less."""
    if isinstance(legacy, dict) and isinstance(converted, dict):
        return all(k in converted and same(v, converted[k]) for k, v in legacy.items())
    if isinstance(legacy, list | tuple) and isinstance(converted, list | tuple):
        return (
            type(legacy) is type(converted)
            and len(legacy) == len(converted)
            and all(same(a, b) for a, b in zip(legacy, converted, strict=True))
        )
    return type(legacy) is type(converted) and bool(legacy == converted)


def rows_of(connection: sa.Connection | Session, metadata: sa.MetaData) -> Rows:
    """Every row of every table, in the order of primary keys."""
    found: Rows = {}
    for table in metadata.sorted_tables:
        statement = sa.select(*table.c).order_by(*table.primary_key.columns)
        found[table.name] = [tuple(r) for r in connection.execute(statement)]
    return found


def seen(session: Session, metadata: sa.MetaData) -> Rows | str:
    """The rows as the session sees them; "failed" where its transaction has failed.

    Drivers have classes of their own for that state.
    """
    try:
        return rows_of(session, metadata)
    except sa.exc.DBAPIError:
        return "failed"
    except Exception as error:  # a session that needs a rollback says so itself
        return type(error).__name__


@contextmanager
def quiet() -> Iterator[None]:
    """Legacy calls warn that they are legacy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def consumed(value: Any) -> Any:
    """What a function hands out to be consumed by its caller."""
    if isinstance(value, Query) or inspect.isgenerator(value):
        return list(value)
    return value


class Side:
    """One package on one driver."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self.modules = modules
        self.metadata: sa.MetaData = modules["models"].Base.metadata

    def function(self, name: str) -> Callable[..., Any]:
        module, _, function = name.partition(".")
        found: Callable[..., Any] = getattr(self.modules[module], function)
        return found


class Legacy(Side):
    """The functions as they are, on a sync driver."""

    def run(self, name: str, connection: sa.Connection, *arguments: Any) -> Outcome:
        value, error = None, ""
        with quiet(), self._session(connection) as session:
            try:
                found = self.function(name)(session, *arguments)
                value = normal(consumed(found))
            except Exception as raised:
                error = type(raised).__name__
            after = seen(session, self.metadata)
            session.close()
            left = rows_of(connection, self.metadata)
        return Outcome(value, error, after, left)

    def _session(self, connection: sa.Connection) -> Session:
        return Session(connection, join_transaction_mode="create_savepoint")


class Converted(Side):
    """What the codemod made of them, on an async driver."""

    async def run(self, name: str, connection: AsyncConnection, *arguments: Any) -> Outcome:
        value, error = None, ""
        with quiet():
            async with AsyncSession(
                connection, join_transaction_mode="create_savepoint"
            ) as session:
                try:
                    found = self.function(name)(session, *arguments)
                    if inspect.isawaitable(found):
                        found = await found
                    if inspect.isasyncgen(found):
                        found = [item async for item in found]
                    if isinstance(found, sa.Select):
                        found = await self._fetched(session, found)
                    value = await session.run_sync(lambda _: normal(consumed(found)))
                except Exception as raised:
                    error = type(raised).__name__
                after = await session.run_sync(seen, self.metadata)
                await session.close()
                left = await connection.run_sync(rows_of, self.metadata)
        return Outcome(value, error, after, left)

    async def _fetched(self, session: AsyncSession, statement: sa.Select[Any]) -> Any:
        """A function that gives a query gives a select now: executed the way its callers do."""
        result = await session.execute(statement)
        if len(statement.column_descriptions) == 1:
            return result.scalars().unique().all()
        return result.all()


class Pair:
    """Both sides on one kind of database, ready for any number of runs."""

    def __init__(self, legacy: Legacy, converted: Converted, loop: asyncio.Runner) -> None:
        self.legacy = legacy
        self.converted = converted
        self.loop = loop

    def run(self, name: str, *arguments: Any) -> tuple[Outcome, Outcome]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is kept open."""


class SqlitePair(Pair):
    """A copy of the seeded file for each run."""

    def __init__(
        self, legacy: Legacy, converted: Converted, loop: asyncio.Runner, folder: Path
    ) -> None:
        super().__init__(legacy, converted, loop)
        self.seeded = folder / "seeded.sqlite3"
        self.files = [folder / "legacy.sqlite3", folder / "converted.sqlite3"]
        engine = sa.create_engine(f"sqlite+pysqlite:///{self.seeded}")
        with Session(engine) as session:
            legacy.modules["seed"].seed(session)
        engine.dispose()
        first, second = self.files
        # Each run has connections of its own; what the engines keep is how statements are written.
        self.engine = sa.create_engine(f"sqlite+pysqlite:///{first}", poolclass=NullPool)
        self.async_engine = create_async_engine(f"sqlite+aiosqlite:///{second}", poolclass=NullPool)
        _emit_begin(self.engine)
        _emit_begin(self.async_engine.sync_engine)

    def run(self, name: str, *arguments: Any) -> tuple[Outcome, Outcome]:
        for file in self.files:
            shutil.copyfile(self.seeded, file)
        with self.engine.connect() as connection:
            legacy = self.legacy.run(name, connection, *arguments)
        return legacy, self.loop.run(self._converted(name, *arguments))

    async def _converted(self, name: str, *arguments: Any) -> Outcome:
        async with self.async_engine.connect() as connection:
            return await self.converted.run(name, connection, *arguments)


def _emit_begin(engine: sa.Engine) -> None:
    """Savepoints work on SQLite when the driver leaves BEGIN to us; foreign keys hold on demand."""

    @sa.event.listens_for(engine, "connect")
    def leave_it(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")


class PostgresPair(Pair):
    """Two seeded databases; each run is rolled back."""

    def __init__(
        self,
        legacy: Legacy,
        converted: Converted,
        loop: asyncio.Runner,
        urls: tuple[sa.URL, sa.URL],
    ) -> None:
        super().__init__(legacy, converted, loop)
        self.engine = sa.create_engine(urls[0], poolclass=StaticPool)
        self.async_engine = create_async_engine(urls[1], poolclass=StaticPool)
        self.reset: Callable[[sa.Connection, sa.MetaData], None] = _reset_sequences

    def seed(self, url: sa.URL) -> None:
        """The rows that both sides begin with, written by the sync driver."""
        engine = sa.create_engine(url)
        with Session(engine) as session:
            self.legacy.modules["seed"].seed(session)
        engine.dispose()

    def run(self, name: str, *arguments: Any) -> tuple[Outcome, Outcome]:
        with self.engine.connect() as connection:
            self.reset(connection, self.legacy.metadata)
            legacy = self.legacy.run(name, connection, *arguments)
            connection.rollback()
        return legacy, self.loop.run(self._converted(name, *arguments))

    async def _converted(self, name: str, *arguments: Any) -> Outcome:
        engine: AsyncEngine = self.async_engine
        async with engine.connect() as connection:
            await connection.run_sync(self.reset, self.legacy.metadata)
            outcome = await self.converted.run(name, connection, *arguments)
            await connection.rollback()
        return outcome

    def close(self) -> None:
        self.engine.dispose()
        dispose: Callable[[], Awaitable[None]] = self.async_engine.dispose

        async def gone() -> None:
            await dispose()

        self.loop.run(gone())


class MysqlPair(PostgresPair):
    """As on PostgreSQL; the numbers of both sides go on in step, since resetting them costs a table each."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.reset = lambda connection, metadata: None


def _reset_sequences(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Numbers that sequences give don't roll back: both sides begin at the same ones."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and not column.foreign_keys:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), 1000)"
            )
    connection.commit()
