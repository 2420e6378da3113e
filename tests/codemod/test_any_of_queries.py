"""`any(query)` and `all(query)`: the query is run, and its rows are asked for their truth."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike, models_with

VIEWS = (
    HEAD
    + """
def taken(name):
    return any(Customer.query.filter_by(name=name))

@bp.route("/rows")
def rows():
    large = Order.query.filter(Order.amount > 30)
    none = large.filter(Order.amount < 0)
    return jsonify(
        taken("ann"), taken("zoe"), any(large), all(large), any(none), all(none),
        all(db.session.query(Order.amount)), any(n for n, in db.session.query(Order.amount)),
    )
"""
)
TRUE = """
    def __bool__(self):
        return len(self.orders) > 2
"""
ASKED = (
    HEAD
    + """
@bp.route("/truth")
def truth():
    customers = Customer.query.order_by(Customer.id).all()
    return jsonify(
        any(Customer.query.filter_by(name="ann")), any(Customer.query.filter_by(name="bob")),
        all(Customer.query), any(customers), all(customers),
    )
"""
)


def test_they_take_the_rows(alike: Alike) -> None:
    sides = alike(VIEWS, ["/rows"])
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen
    assert "any(await db.session.scalars(" in sides.conversion.texts["views.py"]


@pytest.mark.parametrize("method", [TRUE, TRUE.replace("__bool__", "__len__")])
def test_rows_that_load_for_their_truth(method: str, alike: Alike) -> None:
    alike(ASKED, ["/truth", "/truth"], models=models_with(method))
