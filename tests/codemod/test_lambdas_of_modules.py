"""Lambdas in no function: what they ask for queries gives queries on, since nothing is rewritten there."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from werkzeug.local import LocalProxy

def counted():
    return Order.query

def listed():
    return Order.query.order_by(Order.id)

def wanted():
    return Customer.query.order_by(Customer.id)

def proxied():
    return Order.query.order_by(Order.id)

def filtered(query):
    return query.filter(Order.amount > 1)

def asked():
    return filtered(Order.query)

count = lambda: counted().count()
LOADERS = {"orders": lambda: listed()}
mine = LocalProxy(lambda: proxied())

class Field:
    def __init__(self, factory):
        self.factory = factory

class Form:
    customers = Field(lambda: wanted())
    first = staticmethod(lambda: asked().first())

@bp.get("/variable")
def of_a_variable():
    return jsonify(count())

@bp.get("/dict")
def of_a_dict():
    return jsonify([o.number for o in LOADERS["orders"]().limit(2).all()])

@bp.get("/class")
def of_a_class():
    return jsonify([c.total() for c in Form.customers.factory()], Form.first().number)

@bp.get("/proxy")
def of_a_proxy():
    page = mine.paginate(page=1, per_page=2)
    return jsonify([o.customer.name for o in page.items], mine.first().number)

def native():
    return Order.query.filter(Order.amount > 1)

@bp.get("/native")
def not_of_a_module():
    return jsonify((lambda: native().count())())
"""
)


def test_they_get_what_they_got(alike: Alike) -> None:
    sides = alike(VIEWS, ["/variable", "/dict", "/class", "/proxy", "/native"])
    views = sides.conversion.texts["views.py"]
    assert "return Order.query.order_by(Order.id)" in views
    assert "return select(Order).where(Order.amount > 1)" in views
