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
