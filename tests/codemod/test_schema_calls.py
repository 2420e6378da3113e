"""What makes the tables runs in the bridge, and the function around it is native."""

from __future__ import annotations

from tests.codemod.alike import Alike

VIEWS = """
from flask import Blueprint, current_app, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def setup(app):
    app.store = db

def rebuild():
    db.drop_all()
    db.create_all(bind_key=None)
    if Customer.query.first() is None:
        db.session.add(Customer(name="first"))
    db.session.commit()

def make():
    db.create_all()

@bp.route("/made")
def made():
    make()
    return jsonify(Order.query.count())

@bp.route("/rebuilt")
def rebuilt():
    rebuild()
    return jsonify([customer.name for customer in Customer.query])

@bp.route("/hanging")
def hanging():
    current_app.store.create_all()
    db.metadata.create_all(db.engine)
    return jsonify(Order.query.count())
"""


def test_tables_are_made_in_the_bridge(alike: Alike) -> None:
    sides = alike(VIEWS, ["/made", "/hanging", "/rebuilt", "/hanging"])
    text = sides.conversion.texts["views.py"]
    assert "await bridge(db.drop_all)" in text
    assert "\ndef make():\n    db.create_all()" in text
    assert "await bridge(make)" in text
    assert "await bridge(db.create_all, bind_key=None)" in text
    assert "await bridge(current_app.store.create_all)" in text
