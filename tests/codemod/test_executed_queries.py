"""A Query that a session executes, which SQLAlchemy 2.0 still does: its rows are not made unique."""

from __future__ import annotations

import pytest
import sqlalchemy

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike, models_with, small_shop
from tests.codemod.parity import Make

VIEWS = """
from sqlalchemy.orm import joinedload
@bp.get("/rows")
def rows():
    found = db.session.execute(db.session.query(Order).filter_by(customer_id=1).order_by(Order.id)).scalars()
    one = db.session.execute(Order.query.filter_by(id=2)).first()[0]
    none = db.session.execute(db.session.query(Order).filter_by(id=99)).first()
    return jsonify([o.number for o in found], one.number, one.customer.name, none)

@bp.get("/refined")
def refined():
    query = db.session.query(Order)
    if not request.args.get("all"):
        query = query.filter(Order.amount > 20)
    first = db.session.execute(query.order_by(Order.id)).first()
    return jsonify(first[0].number, first.Order.amount, len(db.session.execute(query).all()))

@bp.get("/joined")
def joined():
    pairs = db.session.execute(db.session.query(Customer, Order).join(Order).order_by(Order.id)).all()
    # A row for each order: none of them is dropped.
    twice = db.session.execute(Customer.query.join(Order).order_by(Order.id)).scalars().all()
    return jsonify([(c.name, o.number) for c, o in pairs], [c.name for c in twice])

@bp.get("/columns")
def columns():
    named = db.session.execute(db.session.query(Order.id, Order.amount.label("much")).order_by(Order.id))
    keys = list(named.keys())
    return jsonify(keys, [(row.id, row.much) for row in named])

@bp.get("/scalars")
def scalars():
    orders = db.session.scalars(Order.query.order_by(Order.id).limit(2).offset(1)).all()
    last = db.session.scalar(Order.query.order_by(Order.id.desc()))
    return jsonify([o.customer.name for o in orders], last.number, db.session.scalar(db.session.query(db.func.max(Order.amount))))

@bp.get("/optioned")
def optioned():
    query = Customer.query.options(joinedload(Customer.orders))
    one = db.session.execute(query.filter_by(id=1)).scalar_one()
    found = db.session.scalars(Customer.query.options(joinedload(Customer.orders)).order_by(Customer.id))
    return jsonify(one.name, [[o.number for o in c.orders] for c in found])

@bp.get("/nameless")
def nameless():
    row = db.session.execute(db.session.query(db.func.max(Order.amount), db.func.max(Order.id))).first()
    return jsonify(list(row), len(row._fields))
"""
PATHS = [
    "/rows",
    "/refined",
    "/refined?all=1",
    "/joined",
    "/columns",
    "/scalars",
    "/optioned",
    "/nameless",
]
#: A query class that loads a collection in a join, which no chain says.
EAGER = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
from sqlalchemy.orm import joinedload

db = SQLAlchemy()

class Eager(Query):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._with_options = (*self._with_options, joinedload(Customer.orders))

class Customer(db.Model):
    query_class = Eager
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    orders = db.relationship("Order", backref="customer", order_by="Order.id")

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    customer_id = db.Column(db.ForeignKey("customer.id"))

def seed():
    ann, bob = Customer(name="ann"), Customer(name="bob")
    db.session.add_all([ann, bob])
    for n in range(5):
        db.session.add(Order(number=f"N{n}", customer=ann if n % 2 else bob))
    db.session.commit()
"""
OF_EAGER = """
@bp.get("/a")
def a():
    found = db.session.execute(Customer.query.order_by(Customer.id)).scalars().all()
    return jsonify([[o.number for o in c.orders] for c in found])

@bp.get("/b")
def b():
    found = db.session.scalars(Customer.query.filter(Customer.id > 0)).all()
    return jsonify([[o.number for o in c.orders] for c in found])
"""
NOTED = """    db.session.add_all([Note(customer_id=1), Note(customer_id=1), Note(customer_id=2)])
    db.session.commit()"""
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*should not be used directly in a SQL statement context"
)
executes = pytest.mark.skipif(
    not sqlalchemy.__version__.startswith("2.0."), reason="SQLAlchemy 2.1 executes no Query"
)


@executes
def test_it_gives_the_rows_that_it_gave(alike: Alike) -> None:
    alike(HEAD + VIEWS, PATHS)


@executes
def test_collections_that_the_mapping_joins_are_loaded_as_they_were(alike: Alike) -> None:
    lines = "notes = db.relationship('Note', lazy='joined', order_by='Note.id')"
    note = """
class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.ForeignKey("customer.id"))
"""
    models = models_with(lines).replace("def seed", note.strip() + "\n\ndef seed")
    models = models.replace("    db.session.commit()", NOTED)
    alike(HEAD + VIEWS, PATHS, models=models)


def test_what_has_names_of_its_own_and_joins_nothing_becomes_a_select(make_sides: Make) -> None:
    sides = small_shop(make_sides, "auto", HEAD + VIEWS)
    made = outcome_of(sides.conversion)
    assert {(b.symbol, b.code) for b in made.bridged} == {
        ("nameless", "MIG320"),
        ("optioned", "MIG320"),
    }


@executes
def test_what_a_query_class_loads_is_loaded_as_it_was(alike: Alike) -> None:
    made = outcome_of(alike(HEAD + OF_EAGER, ["/a", "/b"], models=EAGER).conversion)
    assert {b.symbol for b in made.bridged} == {"a", "b"}
