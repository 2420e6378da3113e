"""A repository's suite, run before and after its conversion: what is kept and what is lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.corpus import Repository
from benchmarks.suites import Suite, Workshop, page, rows_of

FILES = {
    "shop/__init__.py": """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Strng)


def names():
    return [item.name for item in Item.query]


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    app.add_url_rule("/", "index", lambda: "/".join(names()))

    @app.get("/names")
    def view():
        return names()

    return app
""",
    "tests/conftest.py": """
import pytest
from shop import create_app, db


@pytest.fixture
def app():
    app = create_app()
    with app.app_context():
        db.create_all()
        yield app
""",
    "tests/test_shop.py": """
import os
import pytest
import shop


def test_names(app):
    shop.db.session.add(shop.Item(name="a"))
    shop.db.session.commit()
    assert shop.names() == app.test_client().get("/names").json == ["a"]


def test_with_a_stand_in(app, monkeypatch):
    monkeypatch.setattr(shop, "names", lambda: ["b"])
    assert app.test_client().get("/names").json == ["b"]


@pytest.mark.parametrize("n", [1, 2])
def test_setting(n):
    assert os.environ["N"] == str(n)


@pytest.fixture
def untidy():
    yield
    raise RuntimeError


def test_untidy(untidy):
    pass


def test_that_replaces_the_queries(app, monkeypatch):
    monkeypatch.setattr(shop.Item, "query", [shop.Item(name="c")])
    assert shop.names() == ["c"]


@pytest.mark.skip
def test_skipped():
    pass


def test_browser():
    raise AssertionError
""",
    "tests/test_apart.py": """
import sys


def test_apart():
    assert "test_shop" not in " ".join(sys.modules)
""",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Repository:
    for name, text in FILES.items():
        path = tmp_path / "checkouts" / "tiny" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Repository("tiny", tmp_path / "checkouts" / "tiny" / "shop", "some/tiny", "abc1234")


def furnished(checkout: Repository, suite: Suite, work: Path) -> Workshop:
    """A workshop whose environment is this one: nothing is installed."""
    workshop = Workshop(checkout, suite, work)
    workshop.python.parent.mkdir(parents=True)
    workshop.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    workshop.python.chmod(0o755)
    (workshop.folder / "requirements.json").write_text(json.dumps(workshop.installed))
    return workshop


def test_each_test_is_compared_with_itself(checkout: Repository, tmp_path: Path) -> None:
    suite = Suite.of(
        {
            "requirements": [],
            "tests": ["tests/test_shop.py", "tests/test_apart.py"],
            "apart": True,
            "environment": {"N": "1"},
            "deselect": ["tests/test_shop.py::test_browser"],
            "edits": [["shop/*.py", "db.Strng", "db.String"], ["new/added.py", "", "x = 1\n"]],
        }
    )
    workshop = furnished(checkout, suite, tmp_path / "work")
    result = workshop.compare()
    here = "tests.test_shop::"
    assert result.before.ended == {
        f"{here}test_names": "passed",
        f"{here}test_with_a_stand_in": "passed",
        f"{here}test_that_replaces_the_queries": "passed",
        f"{here}test_setting[1]": "passed",
        f"{here}test_setting[2]": "failure",
        f"{here}test_untidy": "error",
        f"{here}test_skipped": "skipped",
        "tests.test_apart::test_apart": "passed",
    }
    # A select asks no `Item.query`.
    assert result.lost == [f"{here}test_that_replaces_the_queries"]
    assert "async def names()" in (workshop.source / "shop" / "__init__.py").read_text()
    assert (workshop.source / "new" / "added.py").read_text() == "x = 1\n"
    assert "db.Strng" in (checkout.folder / "__init__.py").read_text()
    assert "| some/tiny @ abc1234 | 8 | 5 | 4 | 4 |" in page([result.row], {})


def test_a_page_keeps_its_rows() -> None:
    rows = {name: f"| {name} | 6 | 3 | 2 | 2 | 1 / 1 |" for name in ("a/b @ 1", "c/d @ 2")}
    text = page(rows.values(), {"b": ["`test_x` gives it a `Mock()`."], "d": []})
    assert rows_of(text) == rows
    assert text.endswith("\n- b: `test_x` gives it a `Mock()`.\n")
    assert "By design" not in page(rows.values(), {"b": []})


def test_an_edit_that_fits_nowhere_is_told(checkout: Repository, tmp_path: Path) -> None:
    suite = Suite.of({"requirements": [], "edits": [["shop/*.py", "db.Binary", "db.LargeBinary"]]})
    with pytest.raises(SystemExit, match=r"tiny: nowhere in shop/\*\.py: db.Binary"):
        furnished(checkout, suite, tmp_path / "work").compare()
