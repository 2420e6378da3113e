"""Tier A: commits that aren't, what the commit would have checked, and what one connection can't do."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from migrator.runtime.shadow import RowChange
from migrator.runtime.shadow import postgresql as postgresql_part
from migrator.runtime.shadow.clone import Redirect
from migrator.runtime.shadow.effects import net
from migrator.runtime.shadow.pin import Pin
from migrator.runtime.shadow.raw import direct
from tests.runtime.shadow import shop

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
DEFERRED = """CREATE TABLE {name} (id INTEGER PRIMARY KEY, parent INTEGER
    REFERENCES {name} (id) DEFERRABLE INITIALLY DEFERRED)"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The sync engine of a shop, foreign keys enforced, with one table of deferred keys."""
    shop.seed(database_url)
    made = sa.create_engine(shop.sync_url(database_url))
    if made.dialect.name == "sqlite":
        sa.event.listen(made, "connect", lambda c, _: c.execute("PRAGMA foreign_keys=ON"))
    with made.begin() as connection:
        connection.exec_driver_sql(DEFERRED.format(name="node"))
    yield made
    made.dispose()


@contextmanager
def pinned(engine: Engine) -> Iterator[Pin]:
    """The engine pinned, one flow begun; everything is undone at the end."""
    layout = None
    redirect = Redirect(engine, direct)
    control = redirect.connect(None)
    if engine.dialect.name == "postgresql":
        layout = postgresql_part.install(control)
    pin = Pin(engine, direct, layout)
    pin.open(direct)
    try:
        pin.begin()
        pin.step(NOW, 0.5)
        yield pin
        pin.end()
    finally:
        pin.close()
        if layout is not None:
            postgresql_part.uninstall(control)
        control.close()
        redirect.close()


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT name FROM customers ORDER BY id")))


def test_what_is_committed_is_seen_and_undone(engine: Engine) -> None:
    with pinned(engine) as pin:
        with Session(engine) as session:
            session.add(shop.Customer(name="new"))
            session.commit()
        assert names(engine)[-1] == "new"
        assert [(w.table, w.operation) for w in pin.writes()] == [("customers", "insert")]
        assert pin.writes() == []
    assert pin.unfaithful == []
    assert "new" not in names(engine)


def test_what_is_rolled_back_was_never_written(engine: Engine) -> None:
    with pinned(engine) as pin:
        with Session(engine) as session:
            session.add(shop.Customer(name="kept"))
            session.commit()
            session.add(shop.Customer(name="dropped"))
            session.flush()
            session.rollback()
            session.add(shop.Customer(name="left"))
            session.flush()
        assert names(engine)[3:] == ["kept"]
        assert len(pin.writes()) == 1


def test_savepoints_of_the_application_nest(engine: Engine) -> None:
    with pinned(engine) as pin:
        with Session(engine) as session:
            session.add(shop.Customer(name="outer"))
            inner = session.begin_nested()
            session.add(shop.Customer(name="Ada"))
            with pytest.raises(sa.exc.IntegrityError):
                session.flush()
            inner.rollback()
            with session.begin_nested():
                session.add(shop.Customer(name="second"))
            session.commit()
        assert names(engine)[3:] == ["outer", "second"]
        assert pin.unfaithful == []


def test_cascades_are_seen(engine: Engine) -> None:
    with pinned(engine) as pin:
        with engine.begin() as connection:
            connection.execute(sa.delete(shop.Customer).where(shop.Customer.id == 1))
        written = pin.writes()
    assert {(w.table, w.operation) for w in written} == {
        ("orders", "delete"),
        ("customers", "delete"),
    }
    assert len(written) == 3


def test_a_deferred_constraint_fails_the_commit(engine: Engine) -> None:
    insert = sa.text("INSERT INTO node (id, parent) VALUES (1, 2)")
    with pinned(engine) as pin:
        connection = engine.connect()
        connection.execute(insert)
        with pytest.raises(sa.exc.IntegrityError):
            connection.commit()
        connection.rollback()
        connection.execute(insert)
        connection.execute(sa.text("INSERT INTO node (id, parent) VALUES (2, NULL)"))
        connection.commit()
        connection.close()
        assert len(pin.writes()) == 2


def test_the_databases_own_clock_stands_still(engine: Engine) -> None:
    with pinned(engine) as pin:
        with Session(engine) as session:
            order = shop.Order(customer_id=1, total=1, reference="x", created_at=NOW)
            session.add(order)
            session.commit()
            stored = order.stored_at.replace(tzinfo=None)
        assert stored == NOW.replace(tzinfo=None)
        assert "2026-02-03" in str(pin.writes()[0].after)


def test_chance_in_sql_follows_the_step(engine: Engine) -> None:
    def draw() -> object:
        with engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.random()))

    with pinned(engine) as pin:
        pin.step(NOW, 0.25)
        first = draw()
        second = draw()
        pin.step(NOW, 0.25)
        assert draw() == first
        assert second != first


def test_two_connections_at_once_are_noticed(engine: Engine) -> None:
    with pinned(engine) as pin:
        with engine.connect(), engine.connect():
            pass
        assert pin.unfaithful == ["it uses two connections at once"]


def test_another_isolation_level_is_noticed(engine: Engine) -> None:
    with pinned(engine) as pin:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SELECT 1"))
        assert pin.unfaithful == ["it sets the isolation level AUTOCOMMIT"]


def test_a_commit_behind_our_back_is_noticed(engine: Engine) -> None:
    with pinned(engine) as pin:
        raw = engine.raw_connection()
        raw.driver_connection.commit()  # type: ignore[union-attr]
        pool_connection = raw.dbapi_connection
        cursor = pool_connection.cursor()  # type: ignore[union-attr]
        if engine.dialect.name == "sqlite":
            cursor.execute("BEGIN")
        cursor.execute("SAVEPOINT migrator_shadow")
        if engine.dialect.name == "sqlite":
            cursor.execute("COMMIT")
            cursor.execute("SELECT 1")
        cursor.close()
        raw.detach()
    assert "it committed on the driver's own connection" in pin.unfaithful


def test_a_begin_of_the_applications_own_is_no_second_transaction(engine: Engine) -> None:
    with pinned(engine) as pin:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            connection.execute(sa.text("DELETE FROM audit"))
            connection.commit()
        assert pin.unfaithful == []


def test_an_engine_is_its_old_self_afterwards(engine: Engine) -> None:
    pool, commit = engine.pool, engine.dialect.do_commit
    with pinned(engine):
        assert engine.pool is not pool
    assert engine.pool is pool
    assert engine.dialect.do_commit == commit
    with Session(engine) as session:
        session.add(shop.Customer(name="real"))
        session.commit()
    assert names(engine)[-1] == "real"


def test_a_connection_that_nobody_closed_troubles_nobody_later(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A streamed response's session is in a cycle: it would be collected in a later request."""
    with pinned(engine):
        session = Session(engine)
        session.execute(sa.text("SELECT 1"))
        session.info["itself"] = session
        del session
    gc.collect()
    assert caplog.records == []


def test_a_failed_transaction_commits_nothing(postgres_url: str) -> None:
    """COMMIT after an error is a rollback in PostgreSQL, and not an error."""
    shop.seed(postgres_url)
    engine = sa.create_engine(shop.sync_url(postgres_url))
    with pinned(engine) as pin:
        with engine.connect() as connection:
            connection.execute(sa.text("DELETE FROM audit"))
            with pytest.raises(sa.exc.ProgrammingError):
                connection.execute(sa.text("SELECT nothing"))
            connection.commit()
        assert pin.writes() == []
    engine.dispose()


def test_truncate_is_seen(postgres_url: str) -> None:
    shop.seed(postgres_url)
    engine = sa.create_engine(shop.sync_url(postgres_url))
    with pinned(engine) as pin:
        with engine.begin() as connection:
            connection.execute(sa.text("TRUNCATE orders"))
        assert [(w.table, w.operation) for w in pin.writes()] == [("orders", "truncate")]
    engine.dispose()


def test_net_effects_collapse() -> None:
    def change(operation: str, before: object, after: object) -> RowChange:
        return RowChange("t", operation, "1", before, after)  # type: ignore[arg-type]

    one, two, three = {"a": 1}, {"a": 2}, {"a": 3}
    inserted = net([change("insert", None, one), change("update", one, two)])
    assert inserted == {("t", "1"): [change("insert", None, two)]}
    assert net([change("insert", None, one), change("delete", one, None)]) == {}
    assert net([change("update", one, two), change("update", two, one)]) == {}
    assert net([change("update", one, two), change("delete", two, None)]) == {
        ("t", "1"): [change("delete", one, None)]
    }
    assert net([change("delete", one, None), change("insert", None, three)]) == {
        ("t", "1"): [change("update", one, three)]
    }
