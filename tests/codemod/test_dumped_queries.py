"""Schemas that dump a query with `many`: its rows are fetched first, and dumped in the bridge."""

from __future__ import annotations

from inspect import signature

import pytest
from marshmallow import pre_dump

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

# Its name since marshmallow 4.
_PASS_MANY = (
    "pass_collection" if "pass_collection" in signature(pre_dump).parameters else "pass_many"
)

_SCHEMAS = (
    HEAD
    + """
from marshmallow import Schema, fields, post_dump, pre_dump

class OrderSchema(Schema):
    id = fields.Integer()
    number = fields.String()
    customer = fields.String(attribute="customer.name")

class Named(Schema):
    def __init__(self, view="id", **given):
        super().__init__(only=("id", view), **given)
    id = fields.Integer()
    name = fields.String()
    total = fields.Function(lambda c: c.total())

class WithOriginals(OrderSchema):
    @post_dump(pass_original=True)
    def number_of(self, data, original, **more):
        return {**data, "amount": original.amount}

class Each(OrderSchema):
    @pre_dump
    def seen(self, order, **more):
        order.number = order.number + "!"
        return order

orders_schema = OrderSchema(many=True)
order_schema = OrderSchema()
"""
)

ROWS = (
    _SCHEMAS
    + """
@bp.get("/module")
def module():
    return jsonify(orders_schema.dump(Order.query.order_by(Order.id.desc())))

@bp.get("/said")
def said():
    query = Order.query.filter(Order.amount > 10)
    query = query.order_by(Order.amount)
    return jsonify(order_schema.dump(query, many=True), Order.query.count())

@bp.get("/made")
def made():
    schema = Named(view="total", many=True)
    text = Named(many=True).dumps(Customer.query.order_by(Customer.id))
    return jsonify(schema.dump(Customer.query.order_by(Customer.name)), text)

@bp.get("/hooks")
def hooks():
    found = WithOriginals(many=True).dump(Order.query.order_by(Order.id))
    changed = Each(many=True).dump(Order.query.order_by(Order.id))
    return jsonify(found, changed, [o.number for o in Order.query.order_by(Order.id)])

@bp.get("/joined")
def joined():
    query = Customer.query.join(Customer.orders).order_by(Customer.id)
    return jsonify(Named(many=True).dump(query), Named(many=True).dump(query.filter(Order.id < 0)))

@bp.get("/pending")
def pending():
    db.session.add(Order(number="N9", amount=1, customer=Customer.query.first()))
    return jsonify(orders_schema.dump(Order.query.filter(Order.number == "N9")))

@bp.get("/fresh")
def fresh():
    db.session.commit()
    return jsonify(orders_schema.dump(db.session.query(Order).order_by(Order.id)))
"""
)
PATHS = ["/module", "/said", "/made", "/hooks", "/joined", "/pending", "/fresh"]

ANSWERS = (
    HEAD
    + """
from flask_marshmallow import Marshmallow

ma = Marshmallow()

class OrderSchema(ma.Schema):
    id = ma.Integer()
    number = ma.String()

orders_schema = OrderSchema(many=True)

@bp.get("/answer")
def answer():
    return orders_schema.jsonify(Order.query.order_by(Order.id).limit(2))
"""
)

KEPT = (
    _SCHEMAS
    + """
class Whole(OrderSchema):
    @pre_dump(pass_many=True)
    def all_of_them(self, query, **more):
        return query.filter(Order.amount > 20) if hasattr(query, "filter") else query

class Own(OrderSchema):
    def dump(self, query, **more):
        return super().dump(query.order_by(Order.amount), **more)

class Asking(OrderSchema):
    count = fields.Method("counted")
    def counted(self, query):
        return query.count()

def given(schema):
    return schema.dump(Order.query.order_by(Order.id))

@bp.get("/whole")
def whole():
    return jsonify(Whole(many=True).dump(Order.query.order_by(Order.id)))

@bp.get("/own")
def own():
    return jsonify(Own(many=True).dump(Order.query))

@bp.get("/one")
def one():
    return jsonify(Asking(only=("count",)).dump(Order.query), Asking(only=("count",)).dump(Order.query, many=False))

@bp.get("/given")
def taken():
    return jsonify(given(orders_schema))
"""
).replace("pass_many", _PASS_MANY)


def test_the_rows_are_fetched_first(alike: Alike) -> None:
    pair = alike(ROWS, PATHS)
    assert not outcome_of(pair.conversion).bridged
    text = pair.conversion.texts["views.py"]
    assert "bridge(orders_schema.dump, list(await db.session.scalars(select(Order)" in text


@pytest.mark.filterwarnings("ignore:Flask-SQLAlchemy integration")
@pytest.mark.parametrize("alike", ["flask"], indirect=True)
def test_an_answer_is_made_of_the_rows(alike: Alike) -> None:
    pair = alike(ANSWERS, ["/answer"])
    assert not outcome_of(pair.conversion).bridged


@pytest.mark.parametrize("alike", ["fastapi"], indirect=True)
def test_on_postgresql(alike: Alike, postgres_url: str) -> None:
    alike(ROWS, PATHS, url=postgres_url.replace("postgresql:", "postgresql+psycopg2:"))


def test_what_may_want_the_query_itself_gets_it(alike: Alike) -> None:
    pair = alike(KEPT, ["/whole", "/own", "/one", "/given"])
    assert {b.code for b in outcome_of(pair.conversion).bridged} <= {"MIG507", "MIG512", "MIG501"}
