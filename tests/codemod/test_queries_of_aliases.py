"""`aliased(Order).query` is the model's own query: its rows are objects of the model. Executed, in both frames."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

VIEWS = """
from sqlalchemy.orm import aliased, with_polymorphic

@bp.get("/polymorphic")
def polymorphic():
    every = with_polymorphic(Customer, "*")
    found = every.query.order_by(Customer.id)
    return jsonify([c.total() for c in found], found.first().total(), every.query.get_or_404(1).total())

@bp.get("/aliased")
def of_an_alias():
    found = aliased(Customer).query.filter(Customer.id > 0)
    return jsonify(found.count(), [c.total() for c in found.paginate(per_page=1).items])
"""


def test_their_rows_are_objects_of_the_model(alike: Alike) -> None:
    asked = alike(HEAD + VIEWS, ["/polymorphic", "/aliased"])
    bridged = [b.code for b in outcome_of(asked.conversion).bridged]
    assert bridged == ["MIG303"] * 3
