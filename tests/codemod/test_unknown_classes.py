"""Queries of a mapped class that is found by its name: what fetches runs in the bridge alone."""

from __future__ import annotations

from tests.codemod.alike import Alike
from tests.codemod.test_dynamic_relationships import MODELS

VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, Tag, db

bp = Blueprint("shop", __name__)

def mapped(name):
    for cls in db.Model.registry._class_registry.values():
        if getattr(cls, "__tablename__", None) == name:
            return cls

@bp.route("/one/<name>/<int:key>")
def one(name, key):
    model = mapped(name)
    found = model.query.filter_by(id=key).first_or_404()
    shown = getattr(found, "name", None) or found.number
    return jsonify(shown, Customer.query.count(), model.query.get(key) is found)

@bp.route("/related/<int:key>")
def related(key):
    order = mapped("order").query.filter_by(id=key).one()
    customer = mapped("customer").query.get_or_404(order.customer_id)
    numbers = [other.number for other in customer.orders]
    db.session.commit()
    return jsonify(order.customer.name, customer.orders.count(), numbers, order.number)

@bp.route("/several/<name>")
def several(name):
    model = mapped(name)
    wanted = [order.id for order in Order.query.filter_by(paid=True)]
    keys = [one.id for one in model.query.order_by(model.id.desc()).all()]
    few = model.query.filter(model.id.in_([tag.id for tag in Tag.query])).count()
    return jsonify(keys, few, wanted, sum(x.id for x in mapped(name).query.limit(2).all()))

@bp.route("/written/<name>")
def written(name):
    model = mapped(name)
    db.session.add(Tag(name="new"))
    model.query.filter_by(id=1).update({"name": "other"})
    query = model.query.order_by(model.id)
    return jsonify(model.query.count(), [found.name for found in query])

class Named:
    def label(self):
        return "red"

class Shown(Named):
    def tag(self):
        return mapped("tag").query.filter_by(name=super().label()).first().id

@bp.route("/shown")
def shown():
    return jsonify(Shown().tag())

@bp.route("/text")
def text():
    class Parsed:
        query = "a=1&a=2"
    return jsonify(Parsed().query.count("a"), Tag.query.count())
"""


def test_a_class_that_nobody_knows_is_queried(alike: Alike) -> None:
    paths = ["/one/customer/1", "/one/order/2", "/related/1", "/related/2"]
    paths += ["/several/order", "/several/tag", "/written/tag", "/shown", "/text"]
    sides = alike(VIEWS, paths, models=MODELS)
    text = sides.conversion.texts["views.py"]
    assert "await bridge(lambda: model.query.filter_by(id=key).first_or_404())" in text
    assert "def written(name" in text
    assert "async def written(name" not in text
