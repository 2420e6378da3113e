"""Operators of an application's own classes: what their methods give is followed, a query above all."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import all_native

VIEWS = """
class Chosen:
    def __init__(self, least=0):
        self.least = least

    def __or__(self, other):
        return Order.query.filter(Order.amount > self.least).filter(Order.id < other)

    def __radd__(self, other):
        return other.orders

    def __neg__(self):
        return Order.query.filter(Order.amount <= 20)

    def __lt__(self, other):
        return Order.query.filter(Order.customer_id == other.id)

    def __iadd__(self, least):
        self.least += least
        return self

class Kept(Chosen):
    pass

def customer():
    return Customer.query.order_by(Customer.id).first()

@bp.route("/binary")
def binary():
    found = Kept(15) | 9
    return jsonify(found.count(), [o.customer.name for o in (Chosen() | 9).order_by(Order.id)])

@bp.route("/reflected")
def reflected():
    return jsonify([o.number for o in customer() + Chosen()])

@bp.route("/unary")
def unary():
    return jsonify([o.customer.name for o in (-Chosen()).order_by(Order.id).all()])

@bp.route("/compared")
def compared():
    return jsonify((Chosen() < customer()).count())

@bp.route("/augmented")
def augmented():
    found = Chosen()
    found += 15
    found |= 9
    return jsonify(found.order_by(Order.id).first().customer.name)
"""


def test_what_an_operator_gives(alike: Alike) -> None:
    paths = ["/binary", "/reflected", "/unary", "/compared", "/augmented"]
    all_native(alike(HEAD + VIEWS, [*paths]))


def test_what_an_operator_is_given(alike: Alike, uncaught: None) -> None:
    views = """
class Shown:
    def __add__(self, order):
        return order.customer.name

    def __contains__(self, order):
        return order.customer.name == "ann"

    def __eq__(self, order):
        return order.customer.orders[0].number

@bp.route("/given")
def given():
    order = Order.query.filter_by(number="N1").one()
    return jsonify(Shown() + order, order in Shown(), Shown() == order)
"""
    alike(HEAD + views, ["/given"])
