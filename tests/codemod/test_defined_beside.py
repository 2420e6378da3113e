"""What queries ask may be defined beside PATH: that is told, with the folder that holds both."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.finding import Finding
from migrator.codemod.outcome import outcome_of
from migrator.index.beside import importable_beside
from tests.cli.outside import repository

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""
VIEWS = """
from IMPORTED
from flask import Blueprint

bp = Blueprint("orders", __name__)

@bp.get("/")
def orders():
    return str(Order.query.count())

@bp.get("/<int:key>")
def order(key):
    return str(db.session.get(Order, key))
"""


def told(root: Path, imported: str, beside: dict[str, str], package: bool = True) -> list[Finding]:
    """What is said of a folder of views, with files beside it."""
    files = {"views.py": VIEWS.replace("IMPORTED", imported), **beside}
    if package:
        files["__init__.py"] = ""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    outcome = outcome_of(convert(root))
    assert outcome.totals.seen == outcome.totals.bridged + outcome.totals.native == 2
    return [f for f in outcome.findings if f.code == "MIG131"]


@pytest.mark.parametrize(
    ("imported", "path"),
    [
        ("models import Order, db", "../models.py"),
        ("models import Order, db", "../models/__init__.py"),
        ("shop.models import Order, db", "../models.py"),
        ("shop import models; from shop.models import Order, db", "../models.py"),
        ("..models import Order, db", "../models.py"),
        ("shared.models import Order, db", "../../shared/models.py"),
    ],
)
def test_what_lies_beside(imported: str, path: str, tmp_path: Path) -> None:
    root = tmp_path / "shop" / "routes"
    root.mkdir(parents=True)
    (root / path).resolve().parent.mkdir(exist_ok=True, parents=True)
    (root / path).resolve().write_text(MODELS)
    (tmp_path / "shop" / "__init__.py").write_text("")
    repository(tmp_path)
    [found] = told(root, imported, {})
    assert (found.path, path in found.message) == ("views.py", True)
    assert "2 bridged queries" in found.message
    folder = tmp_path.name if path.startswith("../../") else "shop"
    assert found.hint == f"Give the folder that holds both as PATH: {folder}."


def test_without_git_what_lies_in_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    assert told(tmp_path / "routes", "models import Order, db", {}, package=False)


@pytest.mark.parametrize(
    ("imported", "beside"),
    [
        ("models import Order, db", {"models.py": MODELS}),
        ("elsewhere import Order, db", {"../models.py": MODELS}),
        ("models import Order, db", {"../models.py": "Order = db = None"}),
        ("models import Order, db", {"../tests/models.py": MODELS}),
    ],
)
def test_what_does_not(imported: str, beside: dict[str, str], tmp_path: Path) -> None:
    assert not told(tmp_path / "routes", imported, beside, package=False)


def test_the_names_of_what_lies_beside(tmp_path: Path) -> None:
    for path in ("a/b/c/x.py", "a/b/y/__init__.py", "a/b/y/z.py", "a/z.py", "w.py", "tests/t.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    repository(tmp_path)
    found = importable_beside(tmp_path / "a" / "b" / "c")
    assert found == {
        "y": "../y/__init__.py", "y.z": "../y/z.py",
        "b.y": "../y/__init__.py", "b.y.z": "../y/z.py", "z": "../../z.py",
        "a.b.y": "../y/__init__.py", "a.b.y.z": "../y/z.py", "a.z": "../../z.py", "w": "../../../w.py",
    }  # fmt: skip
