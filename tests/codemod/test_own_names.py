"""`db.Column` becomes `Column` where it is the same, and stays where it may not be."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path

import flask_sqlalchemy
import pytest

from migrator.codemod.convert import convert
from migrator.queries.own_names import OWN_NAMES
from migrator.runtime.db import SQLAlchemy

Convert = Callable[..., str]
DB = "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n"


@pytest.mark.parametrize("name", OWN_NAMES)
def test_the_table_is_what_both_extensions_pass_on(name: str) -> None:
    own = getattr(importlib.import_module(OWN_NAMES[name]), name)
    assert getattr(flask_sqlalchemy.SQLAlchemy(), name) is own
    assert getattr(SQLAlchemy(), name) is own


@pytest.fixture
def made(tmp_path: Path) -> Convert:
    """The text of `models.py` after conversion, beside other files."""

    def make(models: str, others: dict[str, str] | None = None, *, keep: bool = False) -> str:
        shutil.rmtree(tmp_path / "shop", ignore_errors=True)
        for path, text in {"__init__.py": "", "models.py": models, **(others or {})}.items():
            (tmp_path / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "shop" / path).write_text(text)
        texts = convert(tmp_path / "shop", package="shop_new", keep_db_names=keep).texts
        return texts["models.py"]

    return make


@pytest.mark.parametrize(
    "text",
    [
        f"{DB}db.JSON = object()\nx = db.JSON\n",
        f"{DB}Column = db.Column\n",
        f"{DB}def text(x):\n    return db.text(x)\n",
        f"{DB}def f(text):\n    return db.text(text)\n",
        f"{DB}def f(db):\n    return db.text('x')\n",
        f"{DB}f = lambda db: db.text('x')\n",
        f"{DB}def f():\n    from a import text\n    return db.text(text)\n",
        f"{DB}def f():\n    global text\n    return db.text('x')\n",
        f"{DB}class A:\n    text = 1\n    x = db.text('x')\n",
        f"{DB}for text in 'ab':\n    db.text(text)\n",
        f"{DB}xs = [db.text(text) for text in 'ab']\n",
        f"{DB}match 1:\n    case text:\n        db.text('x')\n",
        f"{DB}try:\n    from a import text\nexcept ImportError as text:\n    pass\ndb.text('x')\n",
        f"{DB}x = db.text('x')\nfrom sqlalchemy import text\n",
        f"{DB}if x:\n    from sqlalchemy import text\ndb.text('x')\n",
        f"from wtforms import *\n{DB}x = db.Text\ny = Text\n",
        f"from enum import Enum\n{DB}x = db.Enum\n",
        f"{DB}db = wrapped(db)\nx = db.Text\n",
        f"{DB}x = db.Table('a')\n",
        f"{DB}x = db.session, db.engine, db.metadata, db.Model, db.Query\n",
        f"{DB}x = db.geography\n",
        f"{DB}x = db.relationship\n",
        f"{DB}x = db.relationship('A', lazy='dynamic')\n",
        f"{DB}x = db.relationship('A', lazy=LAZY)\n",
        f"{DB}x = db.relationship('A', **options)\n",
        f"{DB}x = db.relationship('A', backref=BACK)\n",
        f"{DB}x = db.relationship('A', backref=back('b', lazy='dynamic'))\n",
        f"{DB}x = db.relationship(*a)\n",
        "from flask_sqlalchemy import SQLAlchemy\nclass Ours(SQLAlchemy):\n    def text(self, x):\n        return x\ndb = Ours()\nx = db.text('x')\n",
        "from flask_sqlalchemy import SQLAlchemy\nclass Ours(SQLAlchemy):\n    def __getattr__(self, n):\n        return n\ndb = Ours()\nx = db.text('x')\n",
        "from elsewhere import db\nx = db.text('x')\n",
    ],
)
def test_what_may_mean_something_else_stays(text: str, made: Convert) -> None:
    assert made(text) == text


def test_a_dynamic_backref_keeps_its_relationship(made: Convert) -> None:
    text = made(f"{DB}x = db.relationship('A', backref=db.backref('b', lazy='dynamic'))\n")
    assert "x = db.relationship('A', backref=backref('b', lazy='dynamic'))" in text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("x = db.Text", "x = Text"),
        ("x = db.event", "x = event"),
        ("def f(a):\n    return db.text(a)", "    return text(a)"),
        ("class A:\n    name = db.text('x')", "    name = text('x')"),
        ("class A:\n    def text(self):\n        pass\nx = db.text('x')", "x = text('x')"),
        ("x = db.relationship('A', lazy='joined')", "x = relationship('A', lazy='joined')"),
        ("x = db.relationship('A', backref='b')", "x = relationship('A', backref='b')"),
        (
            "x = db.relationship('A', backref=db.backref('b', lazy=True))",
            "x = relationship('A', backref=backref('b', lazy=True))",
        ),
        (
            "x = db.Column(\n    # why\n    db.Enum(*xs), default=db.func.now())",
            "x = Column(\n    # why\n    Enum(*xs), default=func.now())",
        ),
        ("@db.validates('x')\ndef f(a: db.Text = db.Text): pass", "@validates('x')\ndef f(a: Text = Text): pass"),
        ("x = (db\n     .Text)", "x = (Text)"),
        ("def f():\n    return(db.Text)", "return(Text)"),
        ("x = f'{db.Text}'", "x = f'{Text}'"),
    ],
)  # fmt: skip
def test_what_is_the_same_is_imported(text: str, new: str, made: Convert) -> None:
    assert new in made(f"{DB}{text}\n")


def test_the_name_that_the_module_has_is_used(made: Convert) -> None:
    text = made(f"from sqlalchemy import func as f\n{DB}x = db.func.now()\n")
    assert text == f"from sqlalchemy import func as f\n{DB}x = f.now()\n"


def test_an_import_below_running_code_takes_no_name(made: Convert) -> None:
    text = made(f"import os\n{DB}x = db.Text\nfrom sqlalchemy import event\n")
    assert (
        "import os\nfrom flask_sqlalchemy import SQLAlchemy\nfrom sqlalchemy import Text\n" in text
    )


def test_star_imports_of_the_module_and_what_they_bring(made: Convert) -> None:
    models = f"{DB}x = db.Text, db.Date\n"
    inner = {"forms.py": "from shop.models import *\nfrom wtforms import Text\n"}
    outer = {"a.py": "from shop.models import *\n", "b.py": "from shop.a import *\nText\n"}
    for others in (inner, outer):
        assert "x = db.Text, Date" in made(models, others)
    assert "x = Text, Date" in made(f"__all__ = ['db']\n{models}", inner)
    assert "x = Text, Date" in made(models, {"forms.py": "from shop.models import *\n"})


def test_a_submodule_of_the_name_keeps_it(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root).mkdir()
    (root / "__init__.py").write_text(f"{DB}x = db.event, db.Text\n")
    (root / "event.py").write_text("")
    assert "x = db.event, Text" in convert(root).texts["__init__.py"]


def test_other_names_for_the_extension(made: Convert) -> None:
    home = {"ext.py": DB}
    assert "x = Text\n" in made("from shop.ext import db as d\nx = d.Text\n", home)
    assert "x = Text\n" in made("from shop import ext\nx = ext.db.Text\n", home)


def test_tests_stay_as_they_are_and_so_does_everything_on_request(
    tmp_path: Path, made: Convert
) -> None:
    text = f"{DB}x = db.Text\n"
    assert made(text, keep=True) == text
    (tmp_path / "shop" / "test_models.py").write_text("from shop.models import db\ndb.Text\n")
    assert "db.Text" in convert(tmp_path / "shop").texts["test_models.py"]
