"""`migrator codemod --write`: in a git repository, and what is left there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from migrator.codemod.output.git import check_clean
from tests.cli.outside import ROOT, repository, tree

Outcome = tuple[int, str, str]
Migrator = Callable[..., Outcome]


def test_a_check_in_place_needs_no_git(migrator: Migrator, shop: Path) -> None:
    code, _, err = migrator("codemod", shop, "--write", "--check")
    assert (code, err) == (1, f"{shop} would change\n")


def test_only_a_conversion_in_place_leaves_endpoints_to_nobody(
    migrator: Migrator, shop_with_left: Path, tmp_path: Path
) -> None:
    words = "1 endpoint(s) are served by nothing now"
    assert words not in migrator("codemod", shop_with_left, "--out", tmp_path / "target")[2]
    assert words in migrator("codemod", shop_with_left, "--write", "--force")[2]


def test_git_is_left_without_a_lock(shop: Path) -> None:
    repository(shop.parent)
    index = shop.parent / ".git" / "index"
    before = index.stat().st_mtime_ns
    os.utime(shop / "views.py", (1, 1))
    check_clean(shop)
    assert index.stat().st_mtime_ns == before


def test_in_place_needs_git_and_a_clean_tree(migrator: Migrator, shop: Path) -> None:
    before = tree(shop)
    code, _, err = migrator("codemod", shop, "--write")
    assert (code, tree(shop)) == (2, before)
    assert "error[MIG006]" in err
    repository(shop.parent)
    (shop / "extra.py").write_text("A = 1\n")
    code, _, err = migrator("codemod", shop, "--write")
    assert code == 2
    assert "shop/extra.py" in err
    assert "async" not in (shop / "views.py").read_text()


def test_in_place_changes_only_what_must_change(migrator: Migrator, shop: Path) -> None:
    (shop / "models.py").chmod(0o750)
    repository(shop.parent)
    code, _, err = migrator("codemod", shop, "--write")
    assert code == 0
    assert "3 changed" in err
    assert "from shop.models import Item" in (shop / "views.py").read_text()
    assert (shop / "models.py").stat().st_mode & 0o777 == 0o750
    assert not (shop / "asgi.py").exists()
    assert not list(shop.parent.glob(".shop*"))
    assert migrator("codemod", shop, "--check")[0] == 0


SCRIPTS = {
    "app.py": """\
from flask import Flask
from models import db

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + __file__ + ".db"
db.init_app(app)

import views
from models import Item

with app.app_context():
    db.create_all()
    if Item.query.count() == 0:
        db.session.add_all([Item(id=2), Item(id=1)])
        db.session.commit()
""",
    "models.py": """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
""",
    "views.py": """\
from flask import jsonify

from app import app
from models import Item


@app.route("/items")
def items():
    return jsonify([item.id for item in Item.query.order_by(Item.id).all()])
""",
}


ASK = """
from app import app
print(app.test_client().get("/items").json)
"""


def test_modules_that_lie_side_by_side_run_as_they_did(migrator: Migrator, tmp_path: Path) -> None:
    root = tmp_path / "site"
    root.mkdir()
    for name, text in SCRIPTS.items():
        (root / name).write_text(text)
    repository(root)
    assert migrator("codemod", root, "--write")[0] == 0
    assert "await db.session.scalars(" in (root / "views.py").read_text()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", ASK],
            cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert (run.stdout, run.stderr) == ("[1, 2]\n", "")


def test_in_place_says_what_is_served_by_nothing(migrator: Migrator, shop_with_left: Path) -> None:
    repository(shop_with_left.parent)
    code, _, err = migrator("codemod", shop_with_left, "--write")
    assert code == 1
    assert "1 endpoint(s) are served by nothing now" in err


def test_out_and_write_exclude_each_other(migrator: Migrator, shop: Path, tmp_path: Path) -> None:
    assert migrator("codemod", shop, "--write", "--out", tmp_path / "x")[0] == 2
