"""Several databases (SQLALCHEMY_BINDS): the rows of each are compared and undone, on either tier."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import flask_sqlalchemy
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from migrator.embedded import create_database, drop_database
from migrator.runtime.compat import App
from migrator.runtime.compat import request as compat_request
from migrator.runtime.db import SQLAlchemy
from migrator.runtime.db.blocking import run_blocking
from migrator.runtime.mount import mount_legacy
from migrator.runtime.shadow import Cases, Flow, Options, Report, Step, Verdict, run_cases
from migrator.runtime.shadow.runner import Tier
from tests.mysql import mysql_database, mysql_urls

Urls = dict[str, str]
ARCHIVE = f"migrator_test_archive_{os.getpid()}"
Plant = Callable[[Any], None]
CASES = Cases(
    (
        Flow("read", (Step("", "GET", "/visits"),)),
        Flow(
            "write",
            (
                Step("add", "POST", "/visits", query={"page": "new"}),
                Step("roll back", "POST", "/rolled-back"),
                Step("change", "POST", "/visits/1"),
                Step("see", "GET", "/visits"),
            ),
        ),
        Flow("twice", (Step("", "POST", "/visits", query={"page": "again"}),)),
        Flow("archived", (Step("", "POST", "/archive"),)),
    )
)


@pytest.fixture(params=["sqlite+sqlite", "postgresql+sqlite", "postgresql+2"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Urls]:
    """The main database and the archive, each with a row in its own table `visit`."""
    main, archive = request.param.split("+")
    made: Urls = {}
    admin = None
    for key, kind in (("main", main), ("archive", archive)):
        if kind == "sqlite":
            made[key] = f"sqlite:///{tmp_path / key}.sqlite3"
        elif kind == "2":
            admin = request.getfixturevalue("postgres_admin_url")
            made[key] = create_database(admin, ARCHIVE)
        else:
            made[key] = request.getfixturevalue("postgres_url")
    seed(made)
    yield made
    if admin is not None:
        drop_database(admin, ARCHIVE)


@pytest.fixture
def mysql_pair(mysql_url: str) -> Iterator[Urls]:
    """The same on one MySQL or MariaDB server."""
    with mysql_database(next(iter(mysql_urls()))) as archive:
        made = {"main": mysql_url, "archive": archive}
        seed(made)
        yield made


def seed(urls: Urls) -> None:
    app = Side(flask.Flask("seed"), flask_sqlalchemy.SQLAlchemy(), flask.request, urls)
    with app.app.app_context():
        app.db.create_all()
        app.db.session.add(app.Visit(page="old"))
        app.db.session.add(app.Main(page="main"))
        app.db.session.commit()
        for engine in app.db.engines.values():
            engine.dispose()


class Side:
    """The same application on either frame, with its views as they are in the legacy one."""

    def __init__(
        self, app: Any, db: Any, request: Any, urls: Urls, only: str | None = None
    ) -> None:
        """With `only`, one view of them."""
        self.app, self.db = app, db
        main, archive = (_psycopg2(url) for url in (urls["main"], urls["archive"]))
        app.config.update(SQLALCHEMY_DATABASE_URI=main, SQLALCHEMY_BINDS={"archive": archive})
        db.init_app(app)

        class Visit(db.Model):  # type: ignore[misc]
            __bind_key__ = "archive"
            id = db.Column(db.Integer, primary_key=True)
            page = db.Column(db.String(20))

        class Main(db.Model):  # type: ignore[misc]
            __tablename__ = "visit"
            id = db.Column(db.Integer, primary_key=True)
            page = db.Column(db.String(20))

        self.Visit: Any = Visit
        self.Main: Any = Main
        self.archived = Visit

        def visits() -> Any:
            pages = [v.page for kind in (Visit, Main) for v in kind.query.order_by(kind.id)]
            return {"pages": pages}

        def add() -> Any:
            self.add(request.args["page"])
            db.session.commit()
            return {"count": [Visit.query.count(), Main.query.count()]}

        def change(number: int) -> Any:
            self.change(number)
            db.session.commit()
            return {}

        def archive_one() -> Any:
            db.session.add(self.archived(page="one"))
            db.session.commit()
            return {}

        def rolled_back() -> Any:
            self.add("lost")
            db.session.flush()
            db.session.rollback()
            return {"count": Visit.query.count()}

        views: list[tuple[str, str, Any]] = [
            ("GET", "/visits", visits),
            ("POST", "/visits", add),
            ("POST", "/visits/<int:number>", change),
            ("POST", "/archive", archive_one),
            ("POST", "/rolled-back", rolled_back),
        ]
        for method, rule, view in views:
            if only in (None, view.__name__):
                app.route(rule, methods=[method])(view)

    def add(self, page: str) -> None:
        self.db.session.add(self.Visit(page=page))
        self.db.session.add(self.Main(page=f"main {page}"))

    def change(self, number: int) -> None:
        self.Visit.query.filter_by(id=number).update({"page": "changed"})


def _psycopg2(url: str) -> str:
    if not url.startswith("postgresql"):
        return url
    return make_url(url).set(drivername="postgresql+psycopg2").render_as_string(False)


def compared(
    urls: Urls,
    tier: Tier,
    plant: Plant = lambda target: None,
    target_urls: Urls | None = None,
    mounted: bool = False,
) -> Report:
    legacy = Side(flask.Flask("shop"), flask_sqlalchemy.SQLAlchemy(), flask.request, urls)
    only = "add" if mounted else None
    target = Side(App("shop"), SQLAlchemy(), compat_request, target_urls or urls, only)
    plant(target)
    app: Any = target.app
    inner = None
    if mounted:
        inner = Side(flask.Flask("shop"), flask_sqlalchemy.SQLAlchemy(), flask.request, urls)
        app = mount_legacy(inner.app, target.app)
    try:
        return run_cases(legacy.app, app, CASES, options=Options(tier=tier))
    finally:
        run_blocking(target.db.dispose(target.app))
        for side in filter(None, (legacy, inner)):
            with side.app.app_context():
                for engine in side.db.engines.values():
                    engine.dispose()


def contents(urls: Urls) -> list[object]:
    """Every row of both databases, and what else a compare could leave behind."""
    found: list[object] = []
    for url in urls.values():
        engine = sa.create_engine(_psycopg2(url))
        catalogue = {
            "sqlite": "sqlite_master",
            "postgresql": "pg_namespace",
            "mysql": f"information_schema.schemata WHERE schema_name LIKE '{engine.url.database}%'",
        }[engine.dialect.name]
        with engine.connect() as connection:
            found += connection.execute(sa.text("SELECT * FROM visit ORDER BY id")).all()
            found.append(connection.scalar(sa.text(f"SELECT count(*) FROM {catalogue}")))
        engine.dispose()
    return found


@pytest.mark.parametrize("tier", ["a", "b"])
def test_the_rows_of_each_database_are_compared_and_undone(urls: Urls, tier: Tier) -> None:
    before = contents(urls)
    report = compared(urls, tier)
    assert report.totals[Verdict.IDENTICAL] == len(report.cases) == 7
    assert {case.tier for case in report.cases} == {tier.upper()}
    (note,) = report.notes
    assert "wrote a row by rolled_back:" in note
    (added,) = (case for case in report.cases if case.flow == "twice")
    assert [(w.table, w.operation) for w in added.target.writes] == [
        ("visit", "insert"),
        ("archive:visit", "insert"),
    ]
    assert not added.comparison.notes
    assert contents(urls) == before


def _elsewhere(target: Any) -> None:
    """The same row into the table of the same name, in the main database."""
    target.archived = target.Main


def _all(target: Any) -> None:
    """That, another value, and nothing where something is changed."""
    _elsewhere(target)
    target.add = lambda page: target.db.session.add_all(
        [target.Visit(page=page.upper()), target.Main(page=f"main {page}")]
    )
    target.change = lambda number: None


@pytest.mark.parametrize("tier", ["a", "b"])
def test_what_is_written_otherwise_or_elsewhere_is_found(urls: Urls, tier: Tier) -> None:
    before = contents(urls)
    report = compared(urls, tier, _all)
    rows = {
        case.title: [d.path for d in case.comparison.differences if d.channel == "rows"]
        for case in report.cases
    }
    assert rows["twice"] == ["archive:visit[2].page"]
    assert set(rows["archived"]) == {"visit[2]", "archive:visit[2]"}
    assert rows["write › change"] == ["archive:visit[1]"]
    assert contents(urls) == before


def test_a_mount_uses_both_of_both(urls: Urls) -> None:
    """Its halves write to each database through engines of their own: only copies serve that."""
    before = contents(urls)
    report = compared(urls, "auto", mounted=True)
    assert report.totals[Verdict.IDENTICAL] == len(report.cases) == 7
    tiers = {case.flow: case.tier for case in report.cases}
    assert tiers == {"read": "A", "write": "B", "twice": "A", "archived": "A"}
    assert contents(urls) == before


@pytest.mark.parametrize("mounted", [False, True])
def test_on_mysql_each_has_a_copy_of_its_own(mysql_pair: Urls, mounted: bool) -> None:
    before = contents(mysql_pair)
    report = compared(mysql_pair, "auto", mounted=mounted)
    assert report.totals[Verdict.IDENTICAL] == len(report.cases) == 7
    assert {case.tier for case in report.cases} == {"B"}
    report = compared(mysql_pair, "auto", _all, mounted=mounted)
    rows = {
        case.title: {d.path for d in case.comparison.differences if d.channel == "rows"}
        for case in report.cases
    }
    assert rows["twice"] == {"archive:visit[2].page"}
    # In the mount, what else is planted is served by the legacy side.
    assert rows["archived"] == (set() if mounted else {"visit[2]", "archive:visit[2]"})
    assert contents(mysql_pair) == before


def test_two_copies_of_the_databases_are_matched_by_key(tmp_path: Path) -> None:
    sides = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        urls = {key: f"sqlite:///{folder / key}.sqlite3" for key in ("main", "archive")}
        sides.append(urls)
        side = Side(flask.Flask("seed"), flask_sqlalchemy.SQLAlchemy(), flask.request, urls)
        with side.app.app_context():
            side.db.create_all()
            for engine in side.db.engines.values():
                engine.dispose()
    report = compared(sides[0], "a", target_urls=sides[1])
    assert report.passed
    assert "different databases" in report.notes[0]
    report = compared(sides[0], "a", _elsewhere, target_urls=sides[1])
    assert not report.passed
