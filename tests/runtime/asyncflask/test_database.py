"""What extensions and tests do with `db` besides queries: as with Flask-SQLAlchemy."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import flask_sqlalchemy
import pytest
from flask import current_app, stream_template_string
from flask_sqlalchemy.record_queries import get_recorded_queries
from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import Pool

from migrator.runtime.asyncflask import AsyncFlask
from migrator.runtime.db import OutsideScope, SQLAlchemy, bridge, unbridge
from migrator.runtime.db import get_recorded_queries as recorded_by_us
from migrator.runtime.db.blocking import run_blocking


class Store:
    def __init__(self, url: str) -> None:
        self.app = app = AsyncFlask(__name__)
        app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_RECORD_QUERIES=True)
        db: Any = SQLAlchemy(app)
        self.db = db

        class Thing(db.Model):  # type: ignore[misc]
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(20))

        self.Thing: Any = Thing

        async def count() -> int:
            counted: int = await db.session.scalar(select(func.count()).select_from(Thing))
            return counted

        self.count = count

        @app.get("/add")
        def add() -> str:
            db.session.add(Thing(name="new"))
            db.session.flush()
            return f"{Thing.query.count()} {unbridge(count())}"

        @app.get("/count")
        async def counted() -> str:
            return f"{await count()} {len(get_recorded_queries())}"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    made = Store(sqlite_url)
    with made.app.app_context():
        made.db.create_all()
    yield made
    run_blocking(made.app.dispose_database())


def test_it_passes_for_flask_sqlalchemys(store: Store) -> None:
    assert isinstance(store.db, flask_sqlalchemy.SQLAlchemy)
    assert isinstance(store.db, SQLAlchemy)
    with store.app.app_context():
        extension = current_app.extensions["sqlalchemy"]
        assert extension is store.db
        assert extension.get_engine() is extension.engine is extension.engines[None]
        assert extension.metadatas[None] is extension.metadata


def test_the_session_outside_of_a_context(store: Store) -> None:
    session = store.db.session
    assert isinstance(session, scoped_session)
    assert not hasattr(session, "session")
    query, add = session.query, session.add
    with pytest.raises(OutsideScope):
        add(store.Thing())
    with store.app.app_context():
        add(store.Thing(name="one"))
        assert query(store.Thing).count() == 1


def test_statements_are_recorded(store: Store) -> None:
    """Once, and told alike by either function: an extension has Flask-SQLAlchemy's."""
    store.app.import_name = __name__
    assert store.app.test_client().get("/count").text == "0 1"
    with store.app.app_context() as context:
        store.Thing.query.all()
        one = get_recorded_queries()[0]
        assert [one] == list[Any](recorded_by_us())
        assert one.location.endswith("(test_statements_are_recorded)")
        assert "SELECT" in str(one.statement)
        assert 0 <= one.duration < 60
    with context:
        store.Thing.query.all()
        assert len(get_recorded_queries()) == 2, "the same context, the same g"
        store.app.config["SQLALCHEMY_RECORD_QUERIES"] = False
        with store.app.app_context():
            store.Thing.query.all()
            assert get_recorded_queries() == []


def test_a_test_may_put_a_session_of_its_own(store: Store) -> None:
    """The usual way to roll back what a test did: one connection, its transaction outside."""
    with store.app.app_context():
        connection = store.db.engine.connect()
        transaction = connection.begin()
        own = sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
        store.db.session = scoped_session(own)
        store.db.session.add(store.Thing(name="mine"))
        store.db.session.commit()
        assert store.Thing.query.count() == 1
        transaction.rollback()
        connection.close()


def test_the_whole_suite_may_run_in_one_bridge(store: Store) -> None:
    """As migrator's plugin for pytest runs it: sync tests in a greenlet on a loop."""

    def suite() -> None:
        client = store.app.test_client()
        with store.app.app_context():
            store.db.session.add(store.Thing(name="uncommitted"))
            assert client.get("/add").text == "2 2"
            assert unbridge(store.count()) == 2
            with store.app.app_context():
                assert store.Thing.query.count() == 0
            assert store.Thing.query.count() == 2
        assert client.get("/count").text == "0 1"
        context = store.app.test_request_context("/count")
        context.push()
        assert store.Thing.query.count() == 0
        context.pop()
        with client:
            client.get("/add")
            assert store.Thing.query.count() == 0

    async def main() -> None:
        await bridge(suite)
        await store.app.dispose_database()

    asyncio.run(main())


def test_a_database_in_memory_is_one_database() -> None:
    store = Store("sqlite://")
    client = store.app.test_client()
    with store.app.app_context():
        store.db.create_all()
        store.db.session.add(store.Thing(name="committed"))
        store.db.session.commit()
    assert client.get("/count").text == "1 1"
    assert client.get("/add").text == "2 2"
    with store.app.app_context():
        assert store.Thing.query.count() == 1
        store.db.drop_all()
        store.db.create_all()
    assert client.get("/count").text == "0 1"
    engines = store.db.engines_for(store.app)
    engines.sync.dispose()
    assert client.get("/count").text == "0 1"
    run_blocking(store.app.dispose_database())
    with store.app.app_context():
        # Nobody had it open any more: it is gone, as Flask-SQLAlchemy's is then.
        assert not inspect(store.db.engine).has_table("thing")
        store.db.engine.dispose()


def test_contexts_in_async_code(store: Store) -> None:
    async def main() -> None:
        async with store.app.app_context():
            store.db.session.add(store.Thing(name="one"))
            await store.db.session.flush()
            assert await store.count() == 1
        # Left without an await: a task of its own closes the session.
        with store.app.app_context():
            assert await store.count() == 0
        await asyncio.gather(*(t for t in asyncio.all_tasks() if t is not asyncio.current_task()))
        pool: Any = store.db.engines_for(store.app).async_.pool
        assert pool.checkedout() == 0
        await store.app.dispose_database()

    asyncio.run(main())


def test_a_query_that_outlives_its_context_gives_its_connection_back(store: Store) -> None:
    out = Counter[str]()
    event.listen(Pool, "checkout", counted := lambda *_: out.update(["out"]))
    event.listen(Pool, "checkin", returned := lambda *_: out.subtract(["out"]))

    @store.app.get("/streamed")
    def streamed() -> Any:
        source = "{% for thing in things %}{{ thing.name }} {% endfor %}"
        things = store.Thing.query.order_by(store.Thing.id)
        return stream_template_string(source, things=things)

    client = store.app.test_client()
    client.get("/add")
    with store.app.app_context():
        store.db.session.add_all([store.Thing(name="a"), store.Thing(name="b")])
        store.db.session.commit()
    for _ in range(3):
        assert client.get("/streamed").text == "a b "
        assert not out["out"]
    event.remove(Pool, "checkout", counted)
    event.remove(Pool, "checkin", returned)
