"""`migrator check models` on the command line: what may be named, and what the two samples say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migrator.embedded import postgres

ROOT = Path(__file__).parents[2]
Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]

MODELS = """\
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.Integer, primary_key=True)
    total = sa.Column(sa.{type}, nullable=False)


class Holder:
    pass


metadata = Base.metadata
app = Holder()
app.extensions = {{"sqlalchemy": Base}}
empty = sa.MetaData()
number = 3


def create_app():
    return app


def asks(environment, *, debug):
    return app


def fails():
    raise RuntimeError("no settings")
"""


@pytest.fixture
def sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, kind in (("one", "Integer"), ("same", "Integer"), ("other", "Numeric(10, 2)")):
        (tmp_path / f"check_{name}.py").write_text(MODELS.format(type=kind))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in ("one", "same", "other"):
        sys.modules.pop(f"check_{name}", None)


def check(migrator: Migrator, folder: Path, legacy: str, target: str, *more: str) -> Outcome:
    arguments = ("--legacy", legacy, "--target", target, "--app-dir", str(folder), *more)
    return migrator("check", "models", *arguments)


@pytest.mark.parametrize(
    "attribute",
    ["Base", "Order", "metadata", "app", "create_app", "create_app()", "asks('test', debug=True)"],
)
def test_what_may_be_named(attribute: str, sides: Path, migrator: Migrator) -> None:
    named = (f"check_one:{attribute}", f"check_same:{attribute}")
    code, out, err = check(migrator, sides, *named, "--sqlite")
    assert (code, err) == (0, "")
    assert "1 tables, SQLite" in out
    assert out.endswith("No difference.\n")


def test_differences_are_exit_code_one(sides: Path, migrator: Migrator) -> None:
    code, out, _ = check(migrator, sides, "check_one:Base", "check_other:Base", "--sqlite")
    assert code == 1
    assert "orders\n  type total: INTEGER → NUMERIC(10, 2)\n1 difference.\n" in out


def test_json(sides: Path, migrator: Migrator) -> None:
    named = ("check_one:Base", "check_other:Base")
    code, out, err = check(migrator, sides, *named, "--sqlite", "--format", "json")
    found = json.loads(out)
    assert (code, err, found["version"], found["tables"]) == (1, "", 1, 1)
    assert found["differences"] == [
        {
            "bind": "",
            "table": "orders",
            "kind": "type",
            "name": "total",
            "legacy": "INTEGER",
            "target": "NUMERIC(10, 2)",
        }
    ]


@pytest.mark.parametrize(
    ("legacy", "more", "code", "words"),
    [
        ("check_one", (), "MIG030", "no colon"),
        ("check_nothing:db", (), "MIG030", "no module"),
        ("check_one:Bse", (), "MIG030", "Base"),
        ("check_one:number", (), "MIG030", "describes no tables"),
        ("check_one:asks", (), "MIG030", "Give a factory the arguments"),
        ("check_one:asks", (), "MIG030", "It is a function, asks("),
        ("check_one:empty", (), "MIG030", "has no tables"),
        ("check_one:fails", (), "MIG030", "no settings"),
        ("check_one:Base", ("--sqlite", "--database-url", "postgresql://x/y"), "MIG001", "one"),
        ("check_one:Base", ("--database-url", "sqlite:///x.db"), "MIG010", "SQLite"),
        ("check_one:Base", ("--database-url", "nonsense"), "MIG010", "no scheme"),
    ],
)
def test_mistakes(
    legacy: str, more: tuple[str, ...], code: str, words: str, sides: Path, migrator: Migrator
) -> None:
    exit_code, out, err = check(migrator, sides, legacy, "check_same:Base", *more)
    assert (exit_code, out) == (2, "")
    assert f"error[{code}]" in err
    assert words.lower() in err.lower()


def test_without_alembic_it_says_which_extra(
    sides: Path, migrator: Migrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == "alembic"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "migrator.schema.compare", raising=False)
    monkeypatch.setitem(sys.modules, "alembic.autogenerate", None)
    monkeypatch.setitem(sys.modules, "alembic", None)
    code, out, err = check(migrator, sides, "check_one:Base", "check_same:Base")
    assert (code, out) == (2, "")
    assert "error[MIG020]" in err
    assert "migrator[check]" in err


@pytest.mark.parametrize("more", [["--sqlite"], []], ids=["sqlite", "postgresql"])
def test_the_samples_describe_one_database(more: list[str]) -> None:
    with postgres() as url:
        named = ["--legacy", "legacy_app:create_app", "--target", "target_app:create_app"]
        chosen = more or ["--database-url", url]
        done = subprocess.run(
            [sys.executable, "-m", "migrator", "check", "models", *named, *chosen],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert "28 tables" in done.stdout
    assert "No difference." in done.stdout
