"""Engines are found where an application keeps them, and where it says it does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import flask
import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.asyncio import create_async_engine

from migrator.errors import CompareError
from migrator.runtime.db import async_engine, create_twin_engine
from migrator.runtime.shadow import Cases, Flow, HasEngines, Step, find_engines, run_cases

SYNC = sa.create_engine("sqlite://")
ASYNC = create_async_engine("sqlite+aiosqlite://")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (SYNC, [SYNC]),
        ([SYNC, ASYNC], [SYNC, ASYNC]),
        ({"a": ASYNC}, [ASYNC]),
        (lambda: [SYNC], [SYNC]),
        ([SYNC, SYNC.execution_options(x=1)], [SYNC]),
        ([], []),
    ],
)
def test_an_application_says_it_itself(declared: Any, expected: list[Any]) -> None:
    app = SimpleNamespace(shadow_engines=declared)
    assert isinstance(app, HasEngines)
    assert find_engines(app) == expected
    assert find_engines(SimpleNamespace(state=app)) == expected


def test_those_of_flask_sqlalchemy_binds_included() -> None:
    app = flask.Flask("x")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    app.config["SQLALCHEMY_BINDS"] = {"other": "sqlite://"}
    SQLAlchemy().init_app(app)
    assert len(find_engines(app)) == 2


def test_those_of_both_halves_of_a_mount_and_of_what_is_wrapped() -> None:
    mount = SimpleNamespace(
        flask_app=SimpleNamespace(shadow_engines=SYNC),
        fastapi_app=SimpleNamespace(shadow_engines=ASYNC),
    )
    assert find_engines(SimpleNamespace(app=mount)) == [ASYNC, SYNC]


def test_those_of_the_converted_side(sqlite_url: str) -> None:
    from migrator.runtime.compat import App
    from migrator.runtime.db import SQLAlchemy as Converted

    app = App("x")
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    db = Converted()
    db.init_app(app)
    pair = db.engines_for(app)
    assert find_engines(app) == [pair.async_, pair.sync]


def test_the_twin_of_an_engine_of_the_applications_own(sqlite_url: str) -> None:
    engine = create_twin_engine(sqlite_url)
    assert find_engines(SimpleNamespace(shadow_engines=engine)) == [async_engine(engine), engine]


CASES = Cases((Flow("x", (Step("", "GET", "/"),)),))


def test_one_side_without_engines_is_refused(sqlite_url: str) -> None:
    legacy = flask.Flask("x")
    legacy.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    SQLAlchemy().init_app(legacy)
    with pytest.raises(CompareError, match=r"shadow_engines"):
        run_cases(legacy, flask.Flask("y"), CASES)


def test_two_applications_without_a_database_are_compared() -> None:
    report = run_cases(flask.Flask("x"), flask.Flask("y"), CASES)
    assert report.passed
    assert report.databases == ()
    assert "rows are not compared" in report.notes[0]


@pytest.mark.parametrize("declared", [True, False])
def test_an_engine_that_nobody_knows_is_let_write_nothing(declared: bool, sqlite_url: str) -> None:
    engine = sa.create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE item (id INTEGER PRIMARY KEY)"))
    apps = (flask.Flask("x"), flask.Flask("y"))
    for app in apps:
        if declared:
            app.shadow_engines = engine  # type: ignore[attr-defined]

        @app.get("/")
        def add() -> str:
            with engine.begin() as connection:
                connection.execute(sa.text("INSERT INTO item VALUES (NULL)"))
            return "added"

    if declared:
        assert run_cases(*apps, CASES).passed
    else:
        with pytest.raises(CompareError, match="not known: sqlite") as caught:
            run_cases(*apps, CASES)
        assert "shadow_engines" in caught.value.hint
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM item")) == 0
    engine.dispose()


def test_listeners_that_ask_for_the_current_application_are_answered(sqlite_url: str) -> None:
    from migrator.runtime.compat import App
    from migrator.runtime.compat import current_app as converted_app
    from migrator.runtime.db import SQLAlchemy as Converted

    names: list[str] = []

    def listening(engine: sa.Engine, current: Any) -> None:
        @sa.event.listens_for(engine, "connect")
        def connected(connection: Any, record: Any) -> None:
            names.append(current.name)

    legacy = flask.Flask("legacy")
    legacy.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    db = SQLAlchemy(legacy)
    with legacy.app_context():
        listening(db.engine, flask.current_app)
    legacy.add_url_rule("/", view_func=lambda: str(db.session.scalar(sa.text("select 1"))))

    target = App("target")
    target.config["SQLALCHEMY_DATABASE_URI"] = sqlite_url
    converted = Converted()
    converted.init_app(target)
    listening(converted.engines_for(target).async_.sync_engine, converted_app)

    async def view() -> str:
        return str(await converted.session.scalar(sa.text("select 1")))

    target.add_url_rule("/", view_func=view, endpoint="view")

    report = run_cases(legacy, target, CASES)
    assert [case.verdict for case in report.cases] == ["byte-identical"]
    assert set(names) == {"legacy", "target"}
