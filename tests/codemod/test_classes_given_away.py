"""A model that an extension is given as a class: it calls the class's methods, as Flask-Praetorian does."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from tests.codemod.alike import HEAD, Alike


class Guard:
    def __init__(self) -> None:
        self.cls: Any = None

    def init_app(self, app: Any, cls: Any) -> None:
        self.cls = cls

    def authenticate(self, name: str) -> Any:
        user = self.cls.lookup(name)
        return user if user is not None and user.is_valid() else None

    def roles(self, key: int) -> list[str]:
        return list(self.cls.identify(key).rolenames)


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("guard_like")
    module.Guard = Guard
    monkeypatch.setitem(sys.modules, "guard_like", module)


MODELS = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    orders = db.relationship("Order", order_by="Order.id")
    @classmethod
    def lookup(cls, name):
        return cls.query.filter_by(name=name).one_or_none()
    @classmethod
    def identify(cls, key):
        return cls.query.get(key)
    @property
    def rolenames(self):
        return [o.number for o in self.orders]
    def is_valid(self):
        return Order.query.filter_by(customer_id=self.id).count() > 0
class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(50))
    customer_id = db.Column(db.ForeignKey("customer.id"))
def seed():
    db.session.add(Customer(name="ann", orders=[Order(number="a"), Order(number="b")]))
    db.session.add(Customer(name="ben"))
    db.session.commit()
"""
VIEWS = """
from guard_like import Guard
guard = Guard()
{given}
@bp.get("/in/<name>")
def come(name):
    user = guard.authenticate(name)
    return jsonify(user and user.id)

@bp.get("/roles/<int:key>")
def roles(key):
    return jsonify(guard.roles(key))

@bp.get("/own/<name>")
def own(name):
    user = Customer.lookup(name)
    return jsonify(user.is_valid(), user.rolenames)
"""
GIVEN = {
    "at import": "guard.init_app(None, Customer)",
    "by keyword": "guard.init_app(None, cls=Customer)",
    "in the set-up": "def setup(app):\n    guard.init_app(app, Customer)",
}


@pytest.mark.parametrize("given", GIVEN)
def test_its_methods_are_called_plainly(given: str, alike: Alike) -> None:
    asked = ["/in/ann", "/in/ben", "/in/carl", "/roles/1", "/own/ben", "/own/ann"]
    alike(HEAD + VIEWS.format(given=GIVEN[given]), asked, models=MODELS)
