"""A small application around the examples of a page: what they say is what the codemod says.

An example is the file `views.py`, below a head of imports; `# file: NAME` lines make it several
files, each without a head. Files that an example doesn't have are those written here.
"""

from __future__ import annotations

import re
from pathlib import Path

from migrator.codemod.convert import Conversion, convert
from migrator.surface import FrameChoice

_FILE = re.compile(r"^# file: (\S+)\n", re.M)

HEAD = """\
from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request
from sqlalchemy import func
from sqlalchemy.orm import joinedload

from shop.models import Customer, Line, Order, db

bp = Blueprint("shop", __name__)


"""

FILES = {
    "__init__.py": """\
from flask import Flask

from shop.models import db
from shop.views import bp


def create_app():
    app = Flask(__name__)
    db.init_app(app)
    app.register_blueprint(bp)
    return app
""",
    "models.py": """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    orders = db.relationship("Order", back_populates="customer")


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    status = db.Column(db.String(20))
    total = db.Column(db.Integer)
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship("Customer", back_populates="orders")
    lines = db.relationship("Line", back_populates="order")


class Line(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    price = db.Column(db.Integer)
    order_id = db.Column(db.ForeignKey("order.id"))
    order = db.relationship("Order", back_populates="lines")
""",
    "views.py": "from flask import Blueprint\n\nbp = Blueprint('shop', __name__)\n",
}


def parts(example: str) -> dict[str, str] | None:
    """The files that an example names; None where it is one file without a name."""
    split = _FILE.split(example + "\n")
    return dict(zip(split[1::2], split[2::2], strict=True)) or None


def files(example: str) -> dict[str, str]:
    """The files of the package with this example, by name."""
    return {**FILES, **(parts(example) or {"views.py": HEAD + example + "\n"})}


def write(folder: Path, texts: dict[str, str]) -> Path:
    """The package `shop` in the folder, written; its path."""
    root = folder / "shop"
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def converted(folder: Path, example: str, frame: FrameChoice = "auto") -> Conversion:
    """The package with this example, converted."""
    return convert(write(folder, files(example)), package="shop_async", frame=frame)
