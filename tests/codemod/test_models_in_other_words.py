"""Parts of models that are imported by other names: `from sqlalchemy.orm import relationship as rel`."""

from __future__ import annotations

import textwrap

from tests.codemod.alike import FILES, HEAD, Alike, without_the_net

IMPORTS = """
from sqlalchemy import Column as Col
from sqlalchemy.orm import deferred as later, relationship as rel
"""
WORDS = {
    "db.Column": "Col", "db.relationship": "rel",
    "Col(db.String(20))": "later(Col(db.String(20)))",
}  # fmt: skip
MODELS = IMPORTS + textwrap.dedent(FILES["models.py"])
for written, other in WORDS.items():
    MODELS = MODELS.replace(written, other)
VIEWS = (
    HEAD
    + """
@bp.get("/orders")
def orders():
    return jsonify([[o.customer.name, o.number] for o in Order.query.order_by(Order.id)])

@bp.get("/totals")
def totals():
    found = Customer.query.order_by(Customer.id).all()
    db.session.commit()
    return jsonify([c.total() for c in found])

@bp.get("/shown")
def shown():
    first = Customer.query.first()
    return render_template_string("{{ c.total() }} {{ c.orders[0].customer.name }}", c=first)
"""
)


def test_models_in_other_words(alike: Alike) -> None:
    with without_the_net():
        sides = alike(VIEWS, ["/orders", "/totals", "/shown"], models=MODELS)
    assert "async def total(self)" in sides.conversion.texts["models.py"]
