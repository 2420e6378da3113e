"""Properties that give queries, looked up by a name: whoever does that gets legacy queries."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
class Box:
    def __init__(self, customer):
        self.customer = customer

    @property
    def orders(self):
        return Order.query.filter_by(customer_id=self.customer.id).order_by(Order.id)

    def large(self):
        return self.orders.filter(Order.amount > 20)

    @property
    def number(self):
        return Order.query.filter_by(customer_id=self.customer.id).count()

def box():
    return Box(Customer.query.order_by(Customer.id).first())

@bp.get("/property/<name>")
def of_property(name):
    made = box()
    return jsonify([o.number for o in getattr(made, name)], getattr(made, name).count())

@bp.get("/of-class/<name>")
def of_class(name):
    return jsonify(getattr(Box, name).fget(box()))

@bp.get("/written")
def written():
    made = box()
    return jsonify(made.orders.count(), [o.number for o in made.large()], made.number)
"""
)


def test_they_are_queries_still(alike: Alike) -> None:
    paths = ["/property/orders", "/of-class/number", "/written"]
    pair = alike(VIEWS, paths)
    kept = {b.symbol for b in outcome_of(pair.conversion).bridged if b.code == "MIG502"}
    assert kept == {"Box.orders"}


CALLED = (
    HEAD
    + """
class Box:
    def __init__(self, customer):
        self.customer = customer

    def orders(self):
        return Order.query.filter_by(customer_id=self.customer.id).order_by(Order.id)

    def large(self, least=20):
        return self.orders().filter(Order.amount > least)

    def number(self):
        return self.orders().count()

class Shelf:
    def orders(self):
        return Order.query.filter(Order.amount < 30)

    def title(self):
        return "shelf"

def box():
    return Box(Customer.query.order_by(Customer.id).first())

@bp.get("/called/<name>")
def called(name):
    found = getattr(box(), name)()
    return jsonify(sorted(o.number for o in found))

@bp.get("/named/<name>")
def named(name):
    method = getattr(box(), name, None)
    if method is None:
        return jsonify("nothing")
    return jsonify([o.number for o in method().all()], method().count())

@bp.get("/number/<name>")
def number(name):
    return jsonify(getattr(box(), name)())

@bp.get("/written")
def written():
    made = box()
    shelf = Shelf()
    read = getattr(shelf, "orders")
    return jsonify(made.large(10).count(), made.number(), read().count())

@bp.get("/columns/<name>")
def columns(name):
    title = getattr(Shelf(), name)
    return jsonify(callable(title), [o.number for o in Shelf().orders()])
"""
)


def test_methods_that_are_called_by_a_name_give_queries_still(alike: Alike) -> None:
    paths = ["/called/orders", "/called/large", "/named/orders", "/named/large", "/named/none"]
    paths += ["/number/number", "/written", "/columns/title"]
    pair = alike(CALLED, paths)
    kept = {b.symbol for b in outcome_of(pair.conversion).bridged if b.code == "MIG502"}
    assert kept == {"Box.orders"}
    # Looked up, and called nowhere.
    assert "return select(Order).where(Order.amount < 30)" in pair.conversion.texts["views.py"]
