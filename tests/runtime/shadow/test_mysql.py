"""MySQL and MariaDB: what is written shows, however it came about, and everything is as before."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from migrator.errors import CompareError, CopyError
from migrator.runtime.shadow import (
    Cases,
    Flow,
    Options,
    Report,
    Step,
    Verdict,
    load,
    mysql_clone,
    mysql_copy,
    run_cases,
)
from tests.codemod.parity import Sides
from tests.mysql import mysql_database, mysql_urls, send
from tests.runtime.shadow import depot

CASES = load(Path(depot.__file__).parent / "cases.yaml")

#: What is planted, and the groups of differences that show.
PLANTS = {
    "order": {"json $ order"},
    "missing row": {"json $ length", "json $[*] missing"},
    "wrong row": {
        "json $.weight value",
        "rows parcels[*].weight value",
        "rows parcels[*] before.weight value",
        "json $[*].weight value",
    },
    "not written": {"rows scans[*] missing"},
    "extra update": {"rows parcels[*] operations"},
    # What the database itself deletes and changes, no trigger sees.
    "other cascade": {"rows scans[*] operation", "rows scans[*] extra"},
    "no visit": {
        "json $.visits value",
        "rows visits[*] missing",
        "rows visits missing",  # after ALTER TABLE, by its checksum
    },
    "not truncated": {"json $.scans value", "rows scans[*] missing", "rows scans[*] extra"},
    "other type": {"rows extras.definition value", "rows extras.checksum value"},
    "other line": {
        "json $[*][*] value",
        'rows lines[{"number":5,"word":"five",}] missing',
        'rows lines[{"number":7,"word":"five",}] extra',
    },
}


@pytest.fixture
def url(mysql_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The depot's database with its rows."""
    monkeypatch.setenv("DATABASE_URL", mysql_url)
    app = depot.create_app()
    with app.app_context():
        depot.seed()
        depot.db.engine.dispose()
    return mysql_url


def compared(cases: Cases = CASES, plant: str | None = None, **options: Any) -> Report:
    """The depot against itself with something planted, which must leave everything as it was."""
    sides = [depot.create_app(), depot.create_app(plant)]
    try:
        return run_cases(sides[0], sides[1], cases, options=Options(**options))
    finally:
        for side in sides:
            dispose(side)


def dispose(app: flask.Flask) -> None:
    with app.app_context():
        depot.db.engine.dispose()


def contents(url: str) -> list[object]:
    """Every row, definition and counter of the database, and the databases beside it."""
    own = make_url(url).database
    found: list[object] = [send(url, f"SHOW DATABASES LIKE '{own}%%'")]
    for name, kind in send(url, "SHOW FULL TABLES"):
        found.append(send(url, f"SHOW CREATE TABLE `{name}`"))
        if kind == "BASE TABLE":
            found.append(sorted(map(repr, send(url, f"SELECT * FROM `{name}`"))))
    found.append(send(url, "SHOW TRIGGERS"))
    for kind in ("PROCEDURE", "FUNCTION"):
        found.append(send(url, f"SHOW {kind} STATUS WHERE Db = '{own}'"))
    return found


def written(report: Report) -> dict[str, list[str]]:
    """By step what the legacy side wrote."""
    return {
        case.title: [f"{w.operation} {w.table} {w.key}".strip() for w in case.legacy.writes]
        for case in report.cases
    }


def test_two_that_are_alike_write_alike(url: str) -> None:
    before = contents(url)
    report = compared()
    assert [case.title for case in report.failures] == []
    assert report.totals[Verdict.IDENTICAL] == len(report.cases) == 17
    assert {case.tier for case in report.cases} == {"B"}
    assert contents(url) == before
    rows = written(report)
    assert rows["cascade"] == [
        "delete owners 1",
        "delete parcels 3",
        "delete parcels 6",
        *("update scans 1", "delete scans 3", "update scans 4", "delete scans 6"),
    ]
    assert rows["life › add"] == ["insert parcels 7", "insert scans 7"]
    assert rows["life › send"] == ["update parcels 7"]
    assert rows["life › see"] == rows["conflict › taken"] == []
    assert rows["conflict › free"] == ["insert owners 5"], "a number that was tried is gone"
    assert rows["no rollback › fail"] == ["insert visits 2"]
    assert len(rows["truncate › all"]) == 6
    assert rows["truncate › first id"] == ["insert parcels 7", "insert scans 1"]
    assert rows["define › tables"] == ["alter visits", "create extras", "fill extras"]
    assert rows["define › fill"] == ["fill visits"]
    two = '{"number":2,"word":"two",}'
    assert rows["lines"][:2] == [f"delete lines {two}"] * 2


def test_values_are_shown_as_they_are_stored(url: str) -> None:
    report = compared(only=("life", "conflict"))
    by_table = {w.table: w.after for case in report.cases[:1] for w in case.legacy.writes}
    assert by_table["parcels"] == {
        "id": 7,
        "owner_id": 1,
        "state": "NEW",
        "weight": "2.500",
        "length": "0.10000000149011612",
        "note": "née 😀 \\ '",
        "due": "2026-03-01",
        "at": "2026-03-01 09:30:00.000000",
        "stored": "2026-03-01 09:30:00.000+00",
    }
    (owner,) = report.cases[-1].legacy.writes
    assert owner.after == {
        "id": 5,
        "name": "Linus",
        "options": '{"x": [1.5, "\\u00e9"]}',
        "key": "0x00ff27",
    }


@pytest.mark.parametrize("plant", PLANTS)
def test_what_is_planted_shows(plant: str, url: str) -> None:
    before = contents(url)
    report = compared(plant=plant)
    groups = {d.group for case in report.cases for d in case.comparison.differences}
    assert groups == PLANTS[plant]
    assert not report.passed
    assert contents(url) == before


@pytest.fixture
def converted(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str | None], Any]]:
    """Makes the application that the codemod makes of the depot, with something planted."""
    monkeypatch.syspath_prepend(str(tmp_path))
    text = Path(depot.__file__).read_text().replace("{", "{{").replace("}", "}}")
    sides = Sides(tmp_path, "depot", {"__init__.py": text})
    assert {site.status for site in sides.conversion.plan.sites} == {"native"}
    with sides.converted() as asgi:

        def make(plant: str | None) -> Any:
            asgi.converted.config["PLANT"] = plant
            return asgi.app

        yield make
    sides.forget()


@pytest.mark.parametrize("plant", [None, "order", "missing row", "wrong row", "other cascade"])
def test_the_converted_application_is_compared_over_its_async_engine(
    plant: str | None, url: str, converted: Callable[[str | None], Any]
) -> None:
    before = contents(url)
    legacy = depot.create_app()
    report = run_cases(legacy, converted(plant), CASES, options=Options(at_once=0 if plant else 4))
    dispose(legacy)
    if plant is None:
        assert [case.title for case in report.failures] == []
        assert report.at_once is not None
        assert report.at_once.passed
    groups = {d.group for case in report.cases for d in case.comparison.differences}
    assert groups == (PLANTS[plant] if plant else set())
    assert contents(url) == before


def test_requests_at_once_are_compared_on_the_copy(url: str) -> None:
    before = contents(url)
    report = compared(at_once=4, only=("GET *", "life", "no rollback"))
    assert report.at_once is not None
    assert report.at_once.passed
    assert len(report.at_once.cases) > 5
    assert contents(url) == before


def test_chance_of_the_servers_own_is_no_difference_and_no_proof(url: str) -> None:
    (case,) = compared(Cases((Flow("", (Step("", "GET", "/chance"),)),))).cases
    assert case.verdict is Verdict.NOT_COMPARABLE
    assert "the legacy side differs from itself" in case.comparison.notes[0]


@pytest.mark.parametrize("name", ["its own", "another"])
def test_a_statement_that_leads_past_the_copy_is_refused(name: str, url: str) -> None:
    with mysql_database(next(iter(mysql_urls()))) as other:
        send(other, "CREATE TABLE owners (name VARCHAR(40))")
        asked = make_url(url if name == "its own" else other).database
        before = contents(url), contents(other)
        step = Step("", "POST", "/elsewhere", query={"name": asked})
        (case,) = compared(Cases((Flow("", (step,)),))).cases
        assert case.verdict is Verdict.NOT_COMPARABLE
        assert repr(asked) in case.comparison.notes[0]
        assert (contents(url), contents(other)) == before


def test_tier_a_is_refused(url: str) -> None:
    with pytest.raises(CompareError, match="Tier A can't serve MySQL"):
        compared(tier="a")


def test_what_a_crash_left_behind_is_removed_and_named(url: str) -> None:
    name = f"{make_url(url).database}_shadow"
    send(
        url,
        f"CREATE DATABASE {name}_notes",
        f"CREATE TABLE {name}_notes.effects (seq INT)",
        f"CREATE DATABASE {name}",
        f"CREATE TABLE {name}.half (id INT)",
    )
    report = compared(only=("GET /parcels",))
    assert report.passed
    assert report.notes == (f"A copy that an earlier compare left behind was removed: {name}.",)
    assert not send(url, f"SHOW DATABASES LIKE '{name}%%'")


def test_a_database_of_the_copys_name_that_is_not_ours_stays(url: str) -> None:
    name = f"{make_url(url).database}_shadow"
    send(url, f"CREATE DATABASE {name}", f"CREATE TABLE {name}.kept (id INT)")
    try:
        with pytest.raises(CopyError, match="that no compare has made"):
            compared()
        assert send(url, f"SHOW TABLES FROM {name}") == [("kept",)]
    finally:
        send(url, f"DROP DATABASE {name}")


def test_one_compare_at_a_time(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as other:
        other.exec_driver_sql(f"SELECT GET_LOCK('migrator.{make_url(url).database}_shadow', 0)")
        with pytest.raises(CompareError, match="Another shadow compare runs"):
            compared()


def test_a_source_that_was_written_to_meanwhile_is_told(url: str) -> None:
    app: flask.Flask = depot.create_app()

    @app.get("/behind")
    def behind() -> str:
        send(url, "UPDATE owners SET name = 'changed' WHERE id = 2")
        return ""

    cases = Cases((Flow("", (Step("", "GET", "/behind"),)),))
    with pytest.raises(CompareError, match="was written to during the compare: owners"):
        run_cases(app, depot.create_app(), cases)
    dispose(app)


def test_what_can_not_be_read_is_not_comparable_and_the_run_goes_on(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that nobody gives back keeps a table locked."""
    for module in (mysql_clone, mysql_copy):
        short = mysql_clone.SESSION.replace("_timeout = 10", "_timeout = 1")
        monkeypatch.setattr(module, "SESSION", short)
    kept: list[Any] = []
    sides: list[flask.Flask] = []
    for _ in range(2):
        app: flask.Flask = depot.create_app()
        sides.append(app)

        @app.get("/keep")
        def keep() -> str:
            kept.append(depot.db.engine.connect())
            kept[-1].exec_driver_sql("LOCK TABLES owners WRITE")
            return ""

    before = contents(url)
    flows = (Flow("keep", (Step("", "GET", "/keep"),)), Flow("see", (Step("", "GET", "/parcels"),)))
    locked, free = run_cases(sides[0], sides[1], Cases(flows)).cases
    assert locked.verdict is Verdict.NOT_COMPARABLE
    assert "what was written can't be read" in locked.comparison.notes[0]
    assert free.verdict is Verdict.IDENTICAL
    assert contents(url) == before
    for connection in kept:
        connection.invalidate()
    for side in sides:
        dispose(side)


EVERYTHING = """
CREATE TABLE other (
    id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    a FLOAT, b DOUBLE(10,3), c BIT(9), d TIMESTAMP NULL, e TIME(2), f YEAR, g SET('x','y'),
    h BINARY(3), i VARBINARY(5), j GEOMETRY, k JSON, l CHAR(3) CHARACTER SET latin1 COLLATE latin1_bin,
    m TINYBLOB, n BIGINT UNSIGNED, o BOOLEAN, `p ``q` INT, r INT AS (o + 1) STORED, s LONGBLOB
) ENGINE=InnoDB AUTO_INCREMENT=50;
CREATE TABLE log (text VARCHAR(200));
CREATE VIEW z_first AS SELECT id, n FROM other;
CREATE VIEW a_second AS SELECT MAX(n) AS most FROM z_first;
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE PROCEDURE note(IN what VARCHAR(200)) BEGIN INSERT INTO log VALUES (CONCAT('p: ', what)); END;
CREATE TRIGGER early BEFORE INSERT ON other FOR EACH ROW SET NEW.o = COALESCE(NEW.o, 1);
CREATE TRIGGER late AFTER INSERT ON other FOR EACH ROW CALL note(CONCAT(NEW.id, ' ', twice(NEW.id)));
INSERT INTO other (a, b, c, d, e, f, g, h, i, j, k, l, m, n, `p ``q`, s) VALUES
    (1.234567, 1.5, b'100000001', '2026-01-01 12:00:00', '-11:22:33.25', 2024, 'x,y', x'00ff01', x'27',
     ST_GeomFromText('POINT(1 2)'), '{"a": "é"}', 'é''', x'00', 18446744073709551615, 7, REPEAT('x', 70000));
INSERT INTO other () VALUES ();
/*M!100300 CREATE SEQUENCE counter START WITH 7 CACHE 10 */;
"""


def everything() -> flask.Flask:
    """An application whose statements use the views, routines and triggers above."""
    app = flask.Flask("everything")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    depot.db.init_app(app)

    @app.post("/<path:statement>")
    def send(statement: str) -> Any:
        result = depot.db.session.execute(depot.sa.text(statement))
        found = [list(map(str, row)) for row in result] if result.returns_rows else []
        depot.db.session.commit()
        return flask.jsonify(found)

    return app


def test_everything_that_a_database_holds_is_copied(
    mysql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", mysql_url)
    send(mysql_url, *filter(None, re.split(r";\n", EVERYTHING)))
    before = contents(mysql_url)
    asked = [
        "SELECT * FROM other ORDER BY id",
        "INSERT INTO other (n, d) VALUES (5, '2026-07-01 00:00:00')",
        "UPDATE other SET a = 9.87654321, s = REPEAT('y', 70000) WHERE id = 50",
        "SELECT most FROM a_second",
        "CALL note('direct')",
        "SELECT twice(21)",
        "SELECT /*M!100300 NEXTVAL(counter) + */ 1",
        "DELETE FROM other WHERE id = 51",
        "SELECT * FROM log",
    ]
    flow = Flow("all", tuple(Step(s, "POST", f"/{s}") for s in asked))
    sides = [everything(), everything()]
    for _ in range(2):
        report = run_cases(sides[0], sides[1], Cases((flow, Flow("again", flow.steps))))
        assert [case.title for case in report.failures] == []
        assert {case.legacy.response and case.legacy.response.status for case in report.cases} == {
            200
        }
    for side in sides:
        dispose(side)
    assert contents(mysql_url) == before
    rows = [[(w.table, w.operation) for w in case.legacy.writes] for case in report.cases]
    assert rows[: len(asked)] == rows[len(asked) :]
    assert report.cases[6].legacy.response == report.cases[6 + len(asked)].legacy.response
    assert rows[1] == [("log", "insert"), ("other", "insert")]
    change = report.cases[2].legacy.writes[0]
    assert change.before is not None
    assert change.after is not None
    assert (change.before["a"], change.after["a"]) == ("1.2345670461654663", "9.876543045043945")
    assert str(change.after["s"]).startswith("70000 bytes, SHA-256 ")
    assert change.before["d"] == "2026-01-01 12:00:00+00"
    assert (change.before["h"], change.before["c"], change.before["p `q"]) == ("0x00ff01", 257, 7)
    assert "r" not in change.after


@pytest.fixture
def limited(url: str) -> Iterator[str]:
    """A user who may do no more than the documentation asks for."""
    user, name = f"limited_{os.getpid()}", escaped(url)
    send(
        url,
        f"CREATE USER {user} IDENTIFIED BY 'word'",
        f"GRANT SELECT, SHOW VIEW, TRIGGER ON `{name}`.* TO {user}",
        f"GRANT ALL ON `{name}\\_shadow%%`.* TO {user}",
    )
    yield make_url(url).set(username=user, password="word").render_as_string(False)
    send(url, f"DROP USER {user}")


def escaped(url: str) -> str:
    """The database's name in a pattern."""
    return str(make_url(url).database).replace("_", r"\_")


def test_few_rights_do(limited: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", limited)
    before = contents(url)
    assert compared(only=("life", "cascade")).passed
    assert contents(url) == before


def test_without_rights_it_is_said_which(
    limited: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", limited)
    name = escaped(url)
    send(url, f"REVOKE ALL ON `{name}\\_shadow%%`.* FROM {make_url(limited).username}")
    with pytest.raises(CopyError, match=re.escape(f"Give the user ALL on `{name}\\_shadow%`.*")):
        compared()
