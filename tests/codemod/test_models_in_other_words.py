"""Parts of models that are imported by other names: `from sqlalchemy.orm import relationship as rel`."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike, without_the_net

MODELS = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column as Col, ForeignKey, Integer, String
from sqlalchemy.orm import deferred as later, relationship as rel

db = SQLAlchemy()

class Customer(db.Model):
    id = Col(Integer, primary_key=True)
    name = Col(String(50))
    orders = rel("Order", backref="customer", order_by="Order.id")

    def total(self):
        return sum(o.amount for o in self.orders)

class Order(db.Model):
    id = Col(Integer, primary_key=True)
    number = later(Col(String(20)))
    amount = Col(Integer)
    customer_id = Col(ForeignKey("customer.id"))

def seed():
    ann, bob = Customer(name="ann"), Customer(name="bob")
    db.session.add_all([ann, bob])
    for n in range(5):
        owner = ann if n % 2 else bob
        db.session.add(Order(number=f"N{n}", amount=50 - 10 * n, customer=owner))
    db.session.commit()
"""
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
