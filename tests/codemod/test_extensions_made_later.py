"""An extension that a function makes: `db = None`, and `global db` where the application begins."""

from __future__ import annotations

import importlib
import re

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    "config.py": """
import os
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

db: sa = None
place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")


def init_db():
    global db
    db = SQLAlchemy()


init_db()
""",
    "models.py": """
from {name}.config import db


class Customer(db.Model):
    __tablename__ = "customer"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))


class Order(db.Model):
    __tablename__ = "order"
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship(Customer, backref="orders")
""",
    "__init__.py": """
from flask import Flask, jsonify
from {name}.config import db, place
from {name}.models import Customer, Order


def listed(query):
    return [o.amount for o in query.filter(Order.amount > 0).all()]


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
    db.init_app(app)

    @app.route("/add")
    def add():
        db.create_all()
        db.session.add(Order(amount=3, customer=Customer(name="ann")))
        db.session.commit()
        return ""

    @app.route("/listed")
    def listing():
        found = db.session.query(Order).filter_by(amount=3).all()
        return jsonify([o.customer.name for o in found], listed(db.session.query(Order)))

    @app.route("/first")
    def first():
        query = db.session.query(Order)
        if app.debug:
            query = query.filter(Order.amount > 100)
        order = query.first()
        return jsonify(order.amount, Order.query.count(), [o.amount for o in order.customer.orders])

    return app
""",
}


def without_tables() -> dict[str, str]:
    """What its models are is known by the extension alone; its name has no annotation."""
    models = re.sub(r" +__tablename__ = .*\n", "", FILES["models.py"])
    config = FILES["config.py"].replace("db: sa = None", "db = None")
    return {**FILES, "models.py": models, "config.py": config}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("files", [FILES, without_tables()], ids=["tables", "none"])
def test_its_session_is_asked(make_sides: Make, files: dict[str, str], frame: FrameChoice) -> None:
    sides = make_sides("later", files, frame)
    assert {site.status for site in sides.conversion.plan.sites} == {"native"}
    assert "await db.session.scalars(query.where(" in sides.conversion.texts["__init__.py"]
    legacy = importlib.import_module(sides.legacy).create_app()
    paths: list[Request] = [("GET", path) for path in ("/add", "/listed", "/first")]

    def fresh() -> None:
        for file in sides.root.glob("*.db"):
            file.unlink()

    for expected, found in sides.both(legacy, paths, fresh):
        assert expected[2] == 200
        assert found == expected
