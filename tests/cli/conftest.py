"""A small shop to convert, and the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.cli import run

Outcome = tuple[int, str, str]

APPLICATION = """\
from flask import Flask

from shop.models import db
from shop.views import bp


def create_app():
    app = Flask(__name__)
    db.init_app(app)
    app.register_blueprint(bp)
    return app
"""
MODELS = """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
"""
VIEWS = """\
from flask import Blueprint, jsonify

from shop.models import Item

bp = Blueprint("shop", __name__)


@bp.route("/items")
def items():
    return jsonify([item.name for item in Item.query.order_by(Item.id).all()])
"""
#: A view that stays on the mount.
LEFT = """

@bp.route("/colours/<shade:colour>")
def colour(colour):
    return str(Item.query.filter_by(name=colour).count())
"""


@pytest.fixture
def migrator(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`migrator("codemod", …)` → exit code, standard output, standard error."""

    def call(*arguments: object) -> Outcome:
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A package with an application that converts wholly."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "app.py").write_text(APPLICATION)
    (root / "models.py").write_text(MODELS)
    (root / "views.py").write_text(VIEWS)
    (root / "static").mkdir()
    (root / "static" / "logo.bin").write_bytes(bytes(range(256)))
    return root


@pytest.fixture
def shop_with_left(shop: Path) -> Path:
    """The same with one endpoint that stays on the mount."""
    (shop / "views.py").write_text(VIEWS + LEFT)
    return shop
