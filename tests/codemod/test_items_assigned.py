"""`order["x"] = y` where the class has a `__setitem__`: a call of `setitem` in the bridge."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike, models_with

METHODS = """
    def __setitem__(self, key, value):
        setattr(self, key, value)

    def __getitem__(self, key):
        return getattr(self, key)
"""
VIEWS = (
    HEAD
    + """
@bp.route("/set/<key>")
def replaced(key):
    customer = Customer.query.filter_by(name="ann").one()
    customer[key] = Order.query.filter(Order.amount > 20).order_by(Order.id).all()
    request.column = "name"
    customer[request.column] = "eve"
    db.session.commit()
    return jsonify(customer.name, [o.number for o in customer.orders])
"""
)
#: Forms that are no call of `setitem`: the value comes before the key, and there is more to them.
OTHERS = (
    HEAD
    + """
def keys():
    said = []
    def key(name):
        said.append(name)
        return name
    return said, key

@bp.route("/others")
def others():
    customer = Customer.query.filter_by(name="ann").one()
    said, key = keys()
    customer[key("orders")] = [o for o in Order.query.order_by(Order.id) if key(o.number)]
    other = customer["name"] = "eve"
    customer["name"], least = "zoe", 3
    customer["name"] += "!"
    customer["name"] = (customer := Customer.query.filter_by(name="bob").one()).name
    db.session.commit()
    return jsonify(said, other, least, [c.name for c in Customer.query.order_by(Customer.id)])
"""
)


def test_it_is_set_in_the_bridge(alike: Alike) -> None:
    sides = alike(VIEWS, ["/set/orders"], models=models_with(METHODS))
    text = sides.conversion.texts["views.py"]
    assert "await bridge(setitem, customer, key, (await db.session.scalars(" in text
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen


@pytest.mark.parametrize("path", ["/others"])
def test_what_is_more_than_that_runs_in_the_bridge(path: str, alike: Alike) -> None:
    sides = alike(OTHERS, [path], models=models_with(METHODS))
    assert "setitem" not in sides.conversion.texts["views.py"]
