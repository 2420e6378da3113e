"""`next()` without a default has its async twin where nobody waits for a StopIteration: executed, in both frames."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

FOUND = """
def find(orders, number):
    return next(o for o in orders if o.customer.orders[0].number == number)

@bp.get("/found")
def found():
    orders = list(Customer.query.filter_by(name="ann").one().orders)
    db.session.commit()
    third = next(o for o in orders if o.number == "N3")
    amounts = [next(o for o in orders if o.number == n).amount for n in ("N1", "N3")]
    return jsonify(third.customer.name, find(orders, "N1").number, amounts)

@bp.get("/none")
def none():
    orders = Customer.query.filter_by(name="ann").one().orders
    try:
        said = find(orders, "none").number
    except Exception as error:
        said = str(error)
    return jsonify(said)
"""
CAUGHT = """
@bp.get("/caught")
def caught():
    orders = list(Customer.query.filter_by(name="ann").one().orders)
    db.session.commit()
    try:
        number = next(o for o in orders if o.number == "none").number
    except StopIteration:
        number = "no"
    return jsonify(number)
"""
ENDED = """
class Owners:
    def __init__(self, orders):
        self.orders = orders

    def __iter__(self):
        return self

    def __next__(self):
        return self.another()

    def another(self):
        found = next(o for o in self.orders if o.customer.name == "ann")
        self.orders = [o for o in self.orders if o is not found]
        return found.number

@bp.get("/ended")
def ended():
    return jsonify(list(Owners(Order.query.order_by(Order.id).all())))
"""


def test_it_asks_one_item_after_the_other(alike: Alike) -> None:
    pair = alike(HEAD + FOUND, ["/found", "/none"])

    totals = outcome_of(pair.conversion).totals
    assert totals.native == totals.seen
    assert pair.conversion.texts["views.py"].count("await anext(") == 3


def test_what_is_caught_is_raised(alike: Alike) -> None:
    assert "anext" not in alike(HEAD + CAUGHT, ["/caught"]).conversion.texts["views.py"]


def test_an_iteration_ends(alike: Alike) -> None:
    assert "anext" not in alike(HEAD + ENDED, ["/ended"]).conversion.texts["views.py"]
