"""Code that can tell what is loaded: after a commit it sees that nothing is, on both sides."""

from __future__ import annotations

import pytest

from tests.codemod.alike import HEAD, Alike, models_with

MODELS = models_with(
    """
    def to_dict(self):
        return {key: value for key, value in self.__dict__.items() if key[0] != "_"}
    """
)
VIEWS = (
    HEAD
    + """
def shown(order):
    return {key: value for key, value in vars(order).items() if key[0] != "_"}

def both(order):
    before = sorted(shown(order))
    return [before, order.number, sorted(shown(order)), sorted(vars(order)) == [], order.customer.name]

def parted(order):
    db.session.expunge(order)
    return order.number

@bp.get("/parted")
def all_parted():
    order = Order.query.first()
    db.session.commit()
    try:
        return jsonify(parted(order))
    except Exception as error:
        return jsonify(type(error).__name__)

@bp.get("/method")
def method():
    customer = Customer.query.first()
    customer.name = "eve"
    db.session.commit()
    early = customer.to_dict()
    db.session.refresh(customer)
    return jsonify(early, customer.to_dict())

@bp.get("/function")
def function():
    order = Order.query.first()
    order.amount = 1
    db.session.commit()
    return jsonify(shown(order), both(order))

@bp.get("/here")
def here():
    order = Order.query.first()
    db.session.commit()
    early = "number" in vars(order), "number" in order.__dict__
    return jsonify(early, order.number, "number" in vars(order))

@bp.get("/listed")
def listed():
    orders = Order.query.order_by(Order.id).all()
    db.session.commit()
    return jsonify([sorted(shown(o)) for o in orders], [o.number for o in orders])
"""
)


def test_what_a_commit_has_expired_is_not_there(alike: Alike) -> None:
    alike(VIEWS, ["/parted", "/method", "/function", "/here", "/listed"], models=MODELS)


LOOKS = (
    HEAD
    + """
from sqlalchemy import inspect
from sqlalchemy.orm.attributes import instance_dict, instance_state

@bp.get("/")
def look():
    order = Order.query.first()
    order.amount = 1
    db.session.{expires}
    early = {look}
    order.number
    return jsonify(early, {look})
"""
)


@pytest.mark.parametrize("expires", ["commit()", "expire(order)", "expire(order, ['number'])"])
@pytest.mark.parametrize(
    "look",
    [
        "sorted(inspect(order).unloaded)",
        "sorted(inspect(order).expired_attributes)",
        "sorted(instance_state(order).expired_attributes)",
        "'number' in instance_dict(order)",
        "'number' in instance_state(order).dict",
        "'number' in getattr(order, '__dict__')",
        "'number' in getattr(order, '__dict__', {})",
    ],
)
def test_who_looks_at_an_object_loads_nothing(look: str, expires: str, alike: Alike) -> None:
    alike(LOOKS.replace("{look}", look).replace("{expires}", expires), ["/"])
