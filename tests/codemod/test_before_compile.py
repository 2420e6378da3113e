"""Listeners for `before_compile` that add criteria: the selects of their queries ask them when they are executed."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

#: A query class whose listener asks who the user is, by queries of its own.
BOUND = """
from flask import g, has_request_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
from sqlalchemy import event, inspect

db = SQLAlchemy()

class BoundQuery(Query):
    _bound = True

    def unbound(self):
        rv = self._clone()
        rv._bound = False
        return rv

@event.listens_for(BoundQuery, "before_compile", retval=True)
def ensure(query):
    if not query._bound:
        return query
    zero = query._entity_from_pre_ent_zero()
    if zero is not None and has_request_context():
        cls = zero.class_
        hidden = getattr(g, "hidden", None)
        if hidden is None:
            hidden = g.hidden = [h.name for h in Hidden.query.unbound().all()]
        if "name" in [c.name for c in inspect(cls).columns]:
            query = query.enable_assertions(False).filter(cls.name.notin_(hidden))
    return query

class Hidden(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))

Hidden.query_class = BoundQuery

class Base(db.Model):
    __abstract__ = True
    query_class = BoundQuery

class Customer(Base):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    orders = db.relationship("Order", backref="customer", order_by="Order.id")

    @classmethod
    def named(cls, name):
        return cls.query.filter_by(name=name).one_or_none()

    @classmethod
    def shown(cls):
        return cls.query.order_by(cls.id)

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    amount = db.Column(db.Integer)
    customer_id = db.Column(db.ForeignKey("customer.id"))

def seed():
    ann, bob = Customer(name="ann"), Customer(name="bob")
    db.session.add_all([ann, bob, Hidden(name="bob")])
    for n in range(5):
        owner = ann if n % 2 else bob
        db.session.add(Order(number=f"N{n}", amount=50 - 10 * n, customer=owner))
    db.session.commit()
"""

OF_BOUND = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
bp = Blueprint("b", __name__)

@bp.get("/all")
def everything():
    return jsonify([c.name for c in Customer.query.all()], [c.name for c in Customer.query], Customer.named("bob") is None, Customer.named("ann").name)

@bp.get("/first")
def first():
    found = Customer.query.order_by(Customer.id.desc()).first()
    return jsonify(found.name, Customer.query.filter(Customer.name == "bob").first() is None, [o.number for o in found.orders])

@bp.get("/limit")
def limited():
    return jsonify([c.name for c in Customer.query.order_by(Customer.id.desc()).limit(1)], [c.name for c in Customer.query.order_by(Customer.id.desc())[:2]])

@bp.get("/shown")
def shown():
    return jsonify([c.name for c in Customer.shown().filter(Customer.id > 0)], [c.name for c in Customer.shown().limit(5).all()])

@bp.get("/session")
def session():
    return jsonify([n for n, in db.session.query(Customer.name).order_by(Customer.id)], db.session.query(Order).count())

@bp.get("/get")
def get():
    return jsonify([Customer.query.get(i) is None for i in (1, 2, 3)], db.session.get(Customer, 2).name)

@bp.get("/lazy")
def lazy():
    return jsonify([o.customer.name for o in Order.query.order_by(Order.id)])

@bp.get("/count")
def count():
    return jsonify(Customer.query.count(), Customer.query.unbound().count(), [c.name for c in Customer.query.unbound().order_by(Customer.id)])

@bp.get("/inside")
def inside():
    mine = Customer.query.with_entities(Customer.id)
    return jsonify([o.number for o in Order.query.filter(Order.customer_id.in_(mine)).order_by(Order.id)], Customer.query.filter_by(name="bob").update({"name": "bo"}))

@bp.get("/joined")
def joined():
    return jsonify([o.number for o in Order.query.join(Customer).filter(Customer.name == "bob").order_by(Order.id)], [c.name for c in Customer.query.join(Order).filter(Order.amount > 0)])
"""

#: Listeners on every query: deleted rows are kept out, unless an execution option asks for them.
SOFT = """
from flask import request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
from sqlalchemy import event

class SoftQuery(Query):
    pass

db = SQLAlchemy(query_class=SoftQuery)

@event.listens_for(SoftQuery, "before_compile", retval=True)
def without_deleted(query):
    if query.get_execution_options().get("include_deleted"):
        return query
    for description in query.column_descriptions:
        entity = description["entity"]
        if entity is None or not hasattr(entity, "deleted"):
            continue
        query = query.enable_assertions(False).filter(entity.deleted == False)
    return query

def of_tenant(query):
    # It returns nothing where nothing changes.
    tenant = request.args.get("tenant")
    if tenant is not None:
        for description in query.column_descriptions:
            if description["entity"] is Customer:
                return query.filter(Customer.name == tenant)

event.listen(SoftQuery, "before_compile", of_tenant, retval=True)

class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    deleted = db.Column(db.Boolean, default=False, nullable=False)
    orders = db.relationship("Order", backref="customer", order_by="Order.id")

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    amount = db.Column(db.Integer)
    deleted = db.Column(db.Boolean, default=False, nullable=False)
    customer_id = db.Column(db.ForeignKey("customer.id"))

def seed():
    ann, bob = Customer(name="ann"), Customer(name="bob", deleted=True)
    db.session.add_all([ann, bob, Customer(name="cy")])
    for n in range(5):
        owner = ann if n % 2 else bob
        db.session.add(Order(number=f"N{n}", amount=50 - 10 * n, customer=owner, deleted=n > 3))
    db.session.commit()
"""

OF_SOFT = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload
bp = Blueprint("b", __name__)

@bp.get("/all")
def everything():
    found = Customer.query.order_by(Customer.id).all()
    return jsonify([c.name for c in found], [len(c.orders) for c in found])

@bp.get("/deleted")
def deleted():
    return jsonify([c.name for c in Customer.query.execution_options(include_deleted=True).order_by(Customer.id)])

@bp.get("/first")
def first():
    found = Order.query.order_by(Order.id.desc()).first()
    return jsonify(found.number, found.customer.name, Order.query.filter_by(number="N4").one_or_none() is None, Order.query.filter_by(number="N3").first_or_404().amount)

@bp.get("/rows")
def rows():
    return jsonify([[n, c] for n, c in db.session.query(Order.number, Customer.name).join(Customer).order_by(Order.id)], db.session.query(Order.number).filter(Order.amount > 10).order_by(Order.amount).first()[0])

@bp.get("/lazy")
def lazy():
    return jsonify([[o.number for o in c.orders] for c in Customer.query.order_by(Customer.id)], db.session.get(Customer, 2).name, Customer.query.get(2).name, db.session.query(Order).get(5).number)

@bp.get("/eager")
def eager():
    found = Customer.query.options(selectinload(Customer.orders)).order_by(Customer.id).all()
    other = Customer.query.options(joinedload(Customer.orders)).order_by(Customer.id).limit(2).all()
    third = Customer.query.options(subqueryload(Customer.orders)).order_by(Customer.id).all()
    return jsonify([[o.number for c in some for o in c.orders] for some in (found, other, third)])

@bp.get("/page")
def page():
    found = Order.query.order_by(Order.id).paginate(page=1, per_page=2)
    return jsonify([o.number for o in found.items], found.total, Order.query.count(), Order.query.filter(Order.amount > 20).count())

@bp.get("/executed")
def executed():
    return jsonify(db.session.execute(db.select(db.func.count()).select_from(Order)).scalar(), [c.name for c in db.session.scalars(db.select(Customer).order_by(Customer.id))])

@bp.get("/aliased")
def other():
    known = aliased(Customer)
    return jsonify([c.name for c in db.session.query(known).order_by(known.id)])

@bp.get("/changes")
def changes():
    count = Order.query.filter(Order.amount < 30).update({"amount": 7})
    gone = Order.query.filter_by(number="N4").delete()
    db.session.commit()
    return jsonify(count, gone, [o.amount for o in Order.query.order_by(Order.id)])

@bp.get("/aggregates")
def aggregates():
    known = db.session.query(db.func.max(Order.amount), db.func.count(Order.id)).one()
    inside = Order.query.filter(Order.customer_id.in_(db.session.query(Customer.id))).count()
    there = db.session.query(Customer.query.filter_by(name="bob").exists()).scalar()
    return jsonify(list(known), inside, there, db.session.query(db.func.sum(Order.amount)).scalar())

def dear(query, least):
    return query.filter(Order.amount >= least).order_by(Order.id)

@bp.get("/helper")
def helper():
    query = Order.query
    if query is not None:
        query = query.filter(Order.amount < 50)
    return jsonify([o.number for o in dear(query, 10)], [o.number for o in query.order_by(Order.amount).offset(1)], [o.number for o in Order.query.filter(Order.customer_id.in_(Customer.query.filter_by(name="ann").with_entities(Customer.id)))])
"""
#: Queries that functions have, on both sides of the bridge.
OF_HANDED = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
bp = Blueprint("b", __name__)

def dear(query, least=0):
    return query.filter(Order.amount >= least).order_by(Order.id)

def counted(query):
    return query.count()

def numbers(query):
    return [o.number for o in query]

def of(query):
    return Customer.query.filter(Customer.id.in_(query)).all()

class Finder:
    def __init__(self, query):
        self.query = query
    def found(self):
        return self.query.filter(Order.amount > 10).all()

@bp.get("/helper")
def helper():
    return jsonify([o.number for o in dear(Order.query, 10)], numbers(Order.query.order_by(Order.id)), numbers(dear(Order.query)))

@bp.get("/counted")
def count():
    return jsonify(counted(Order.query), counted(dear(Order.query, 20)))

@bp.get("/of")
def inside():
    return jsonify([c.name for c in of(db.session.query(Order.customer_id))])

@bp.get("/kept")
def kept():
    return jsonify([o.number for o in Finder(Order.query.order_by(Order.id)).found()])

@bp.get("/compare")
def compare():
    most = db.session.query(Order.id).filter(Order.number == "N4").scalar_subquery()
    query = Order.query
    queries = {"a": query.filter(Order.amount > 20), "b": query.filter(Order.amount <= 20)}
    return jsonify([[o.number for o in q] for q in queries.values()], Order.query.filter(Order.id == most).first() is None, len(list(query)), sorted(o.id for o in query))

def with_all(query):
    return [o.number for o in query.execution_options(include_deleted=True)]

def of_all(query):
    return query.execution_options(include_deleted=True)

@bp.get("/opted")
def opted():
    query = Order.query
    return jsonify(with_all(query), query.count(), [o.number for o in of_all(query)])

def kept_query():
    query = Order.query
    assert query.count() == 4
    return query

@bp.get("/given")
def given():
    return jsonify([o.number for o in kept_query().execution_options(include_deleted=True)])
"""
_PATHS = [
    *("/all", "/all?tenant=ann", "/deleted", "/first", "/rows", "/lazy", "/eager", "/page", "/executed"),
    *("/aliased", "/changes", "/aggregates", "/helper"),
]  # fmt: skip


def test_a_query_class_with_a_listener(alike: Alike) -> None:
    paths = ["/all", "/first", "/limit", "/shown", "/session", "/get", "/lazy", "/count", "/inside"]
    sides = alike(OF_BOUND, [*paths, "/joined"], models=BOUND)
    text = sides.conversion.texts["models.py"]
    assert "(await select_of(lambda: cls.query)).order_by(cls.id)" in text
    # What would hide a query from them stays as it is.
    bridged = {b.message.partition(": ")[2] for b in outcome_of(sides.conversion).bridged}
    assert "a listener for before_compile, and count()" in bridged


def test_listeners_on_every_query(alike: Alike) -> None:
    sides = alike(OF_SOFT, _PATHS, models=SOFT)
    totals = outcome_of(sides.conversion).totals
    assert (totals.seen, totals.native) == (32, 16)


def test_on_postgresql(alike: Alike, postgres_url: str) -> None:
    url = postgres_url.replace("postgresql:", "postgresql+psycopg2:")
    alike(OF_SOFT, _PATHS, models=SOFT, url=url)


def test_queries_that_are_handed_on(alike: Alike) -> None:
    paths = ["/helper", "/counted", "/of", "/kept", "/compare", "/opted", "/given"]
    sides = alike(OF_HANDED, paths, models=SOFT)
    text = sides.conversion.texts["views.py"]
    assert "numbers(dear(await select_of(lambda: Order.query)))" in text
    # A statement would have the criteria of that moment, whatever is asked of the query later.
    assert ".statement" not in text
