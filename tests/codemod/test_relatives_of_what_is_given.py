"""Code that can't be followed hands a function other objects than its known callers do: of classes beside theirs."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    customer_id = db.Column(db.ForeignKey("customer.id"))
    customer = db.relationship("Customer")

class Movement(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    kind = db.Column(db.String(20))
    order_id = db.Column(db.ForeignKey("order.id"))
    order = db.relationship("Order")
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "movement"}

    def explain(self):
        return "moved"

class Receipt(Movement):
    __mapper_args__ = {"polymorphic_identity": "receipt"}

    def explain(self):
        return "received"

class Shipment(Movement):
    __mapper_args__ = {"polymorphic_identity": "shipment"}

    def explain(self):
        return "sent to " + self.order.customer.name

def seed():
    order = Order(number="A", customer=Customer(name="ann"))
    db.session.add_all([order, Receipt(), Shipment(order=order), Movement()])
    db.session.commit()
"""

BY_ANY_CALLABLE = """
from PKG.models import Movement, Receipt

def show(movement):
    return {"id": movement.id, "text": movement.explain()}

SHOWN = {"movement": show}

@bp.route("/received")
def received():
    return jsonify(show(Receipt.query.first()))

@bp.route("/all")
def every():
    rows = getattr(Movement, "query").order_by("id")
    shown = getattr(current_app, "shown", SHOWN)
    return jsonify([shown["movement"](row) for row in rows])
"""

BY_ANY_OBJECT = """
from PKG.models import Movement, Receipt

class Shown:
    def show(self, movement):
        return {"id": movement.id, "text": movement.explain()}

@bp.route("/received")
def received():
    return jsonify(Shown().show(Receipt.query.first()))

@bp.route("/all")
def every():
    rows = getattr(Movement, "query").order_by("id")
    shown = getattr(current_app, "shown", Shown())
    return jsonify([shown.show(row) for row in rows])
"""


@pytest.mark.parametrize("views", [BY_ANY_CALLABLE, BY_ANY_OBJECT])
def test_overrides_of_classes_beside_are_awaited(alike: Alike, views: str) -> None:
    alike(HEAD + views, ["/received", "/all"], models=MODELS)
