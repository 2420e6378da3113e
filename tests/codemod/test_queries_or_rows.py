"""A loop over a query or over rows, as it comes; and `list(map())` of a session's method."""

from __future__ import annotations

from tests.codemod.alike import Alike
from tests.codemod.test_dynamic_relationships import MODELS

VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, Tag, db

bp = Blueprint("shop", __name__)

def orders_of(kind):
    found = []
    if kind == "dynamic":
        found = Customer.query.order_by(Customer.id).first().orders
    elif kind == "refined":
        found = Customer.query.order_by(Customer.id).first().orders.filter_by(paid=True)
    elif kind == "query":
        found = Order.query.filter(Order.amount > 20).order_by(Order.id.desc())
    elif kind == "several":
        found = Order.query.join(Order.tags).order_by(Order.id)
    elif kind == "listed":
        found = Order.query.order_by(Order.id).all()
    elif kind == "pair":
        found = (db.session.get(Order, 1), db.session.get(Order, 2))
    return found

KINDS = ["none", "dynamic", "refined", "query", "several", "listed", "pair"]

@bp.route("/loops")
def loops():
    answer = {}
    for kind in KINDS:
        found = orders_of(kind)
        numbers = []
        for order in found:
            numbers.append(order.number)
        numbers += [order.customer.name for order in found]
        numbers.append(len(list(found)))
        numbers.append(sum(order.amount for order in found))
        numbers.append(db.session.get(Order, 2) in found)
        first, *others = [*found, None]
        numbers += [first and first.id, len(others)]
        answer[kind] = numbers + [o.id for o in sorted(found, key=lambda o: (o.customer.name, o.id))]
    return jsonify(answer)

@bp.route("/flushed")
def flushed():
    db.session.add(Order(number="new", amount=100))
    return jsonify([order.number for order in orders_of("query")])

def pairs(kind):
    found = [(0, "none")]
    if kind == "columns":
        found = db.session.query(Order.id, Order.number).order_by(Order.id)
    if kind == "entities":
        found = db.session.query(Order.id, Tag).join(Order.tags).order_by(Order.id, Tag.id)
    return [(one, getattr(other, "name", other)) for one, other in found]

@bp.route("/pairs")
def all_pairs():
    return jsonify([pairs(kind) for kind in ("", "columns", "entities")])

def either(kind):
    found = []
    if kind == "customers":
        found = Customer.query.order_by(Customer.id)
    elif kind == "tags":
        found = Tag.query.order_by(Tag.id)
    return [one.name for one in found]

@bp.route("/either")
def all_either():
    return jsonify([either(kind) for kind in ("", "customers", "tags")])

def clear(name):
    tags = Tag.query.filter_by(name=name)
    list(map(db.session.delete, tags))
    db.session.commit()
    return list(map(db.session.merge, [Tag(id=1, name="merged"), Tag(id=9, name="made")]))

@bp.route("/cleared")
def cleared():
    for order in Order.query:
        order.tags = []
    db.session.flush()
    db.session.query(Order).delete()
    names = [tag.name for tag in clear("blue")]
    db.session.commit()
    return jsonify([names, [tag.name for tag in Tag.query.order_by(Tag.id)]])

def kept(name):
    deleting = map(db.session.delete, Tag.query.filter_by(name=name))
    for _ in deleting:
        pass
    db.session.commit()

@bp.route("/kept")
def of_kept():
    db.session.execute(db.text("DELETE FROM tagged"))
    kept("red")
    return jsonify([tag.name for tag in Tag.query])
"""


def test_a_loop_takes_a_query_or_rows(alike: Alike) -> None:
    paths = ["/loops", "/flushed", "/pairs", "/either", "/cleared", "/kept"]
    sides = alike(VIEWS, paths, models=MODELS)
    text = sides.conversion.texts["views.py"]
    assert "for order in await rows_of(found, db.session):" in text
    assert "[await db.session.delete(item) for item in await db.session.scalars(tags)]" in text
    assert "deleting = map(db.session.delete, Tag.query.filter_by(name=name))" in text


OUTSIDER = """
from functools import wraps

def numbers(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return ", ".join(order.number for order in function(*args, **kwargs))
    return wrapper
"""
GIVEN_OUT = """
from flask import Blueprint
from outsider import numbers
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

@bp.route("/all/<int:key>")
@numbers
def orders(key):
    customer = Customer.query.filter_by(id=key).first()
    if customer is None:
        return []
    return customer.orders

@bp.route("/committed/<int:key>")
@numbers
def committed(key):
    customer = Customer.query.filter_by(id=key).first()
    db.session.add(Order(number="new", customer=customer))
    db.session.commit()
    return customer.orders

@bp.route("/pending/<int:key>")
@numbers
def pending(key):
    customer = Customer.query.filter_by(id=key).first()
    db.session.add(Order(number="new", customer=customer))
    return customer.orders.order_by(Order.number)

@bp.route("/property/<int:key>")
@numbers
def of_property(key):
    return Customer.query.filter_by(id=key).first().paid

@bp.route("/either/<int:key>")
@numbers
def either(key):
    customer = Customer.query.filter_by(id=key).first()
    return customer.orders if key > 1 else Order.query.filter_by(paid=True).order_by(Order.id)
"""


def test_a_dynamic_relationship_that_others_get_is_a_query_still(alike: Alike) -> None:
    names = ("all", "committed", "pending", "property", "either")
    paths = [f"/{name}/{key}" for name in names for key in (1, 2)]
    sides = alike(GIVEN_OUT, [*paths, "/all/9"], extensions={"outsider": OUTSIDER}, models=MODELS)
    text = sides.conversion.texts["views.py"]
    assert "async def orders(key" in text
    assert "async def either(key" not in text
