"""What the repository puts on a mapped class, or on the base of all, is no column of it: executed, in both frames."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()

def get(cls, id):
    return db.session.get(cls, id)

def same(cls, other):
    return db.session.get(cls, other.id)

{before}

class Customer({base}):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))

    def first_order(self):
        return Order.query.filter_by(customer_id=self.id).order_by(Order.id).first()

class Order({base}):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    amount = db.Column(db.Integer, default=1)
    customer_id = db.Column(db.Integer, db.ForeignKey("customer.id"))

{after}

def seed():
    db.session.add_all([Customer(id=i, name=n) for i, n in ((1, "Ann"), (2, "Bob"))])
    db.session.flush()
    db.session.add_all([Order(number="N" + str(i), customer_id=1 + i % 2) for i in range(4)])
    db.session.commit()
"""
VIEWS = """
@bp.get("/chained")
def chained():
    return jsonify({asked}.first_order().number)

@bp.get("/named")
def named():
    count = Order.query.count()
    found = {asked}
    return jsonify(found.first_order().number, found.name, count)
"""
_BASE = """
class Base(db.Model):
    __abstract__ = True

Base.one = classmethod(get)
"""
_FINDERS = """
def finders(cls):
    def find(cls, **wanted):
        return db.session.query(cls).filter_by(**wanted).first()
    cls.find = classmethod(find)
    return cls
"""
_SERVICE = """
class Customers:
    def first(self, id):
        return db.session.get(Customer, id)

Customer.records = Customers()
"""


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        ("db.Model.get = classmethod(get)", "", "Customer.get(1)"),
        ("db.Model.same = classmethod(same)", "", "Customer.same(Customer.query.first())"),
        ("setattr(db.Model, 'get', classmethod(get))", "", "Customer.get(1)"),
        (_BASE, "", "Customer.one(1)"),
        ("", "Customer.get = classmethod(get)", "Customer.get(1)"),
        ("", "for each in (Customer, Order): each.get = classmethod(get)", "Customer.get(1)"),
        ("", "Customer.by = staticmethod(lambda i: db.session.get(Customer, i))", "Customer.by(1)"),
        (_FINDERS, "Customer = finders(Customer)", "Customer.find(name='Ann')"),
        ("", _SERVICE, "Customer.records.first(1)"),
    ],
)  # fmt: skip
def test_what_it_gives_is_awaited(alike: Alike, before: str, after: str, asked: str) -> None:
    base = "Base" if before == _BASE else "db.Model"
    models = MODELS.format(before=before, after=after, base=base)
    alike(HEAD + VIEWS.format(asked=asked), ["/chained", "/named"], **{"models.py": models})
