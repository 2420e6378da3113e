"""A query class of all queries: its methods are called on those of each model that there is."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

#: More models than a type has alternatives of any other kind.
COUNT = 60
MODELS = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query

class OwnQuery(Query):
    def has_rows(self):
        return self.session.query(self.enable_eagerloads(False).exists()).scalar()

    def numbers(self):
        return sorted(found.id for found in self)

    def some(self, least=1):
        return self.limit(3) if self.count() > least else self

db = SQLAlchemy(query_class=OwnQuery)

class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    orders = db.relationship("Order", backref="customer", order_by="Order.id", lazy="joined")
    notes = db.relationship("Note", lazy="dynamic")

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Integer)
    customer_id = db.Column(db.ForeignKey("customer.id"))

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.ForeignKey("customer.id"))
""" + "".join(
    f"""
class Kind{n}(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""
    for n in range(COUNT)
)
SEED = (
    """
def seed():
    ann, bob = Customer(name="ann"), Customer(name="bob")
    db.session.add_all([ann, bob, *(Order(amount=n, customer=ann) for n in (1, 2, 3))])
    db.session.flush()
    db.session.add(Note(customer_id=ann.id))
"""
    + "".join(
        f"    db.session.add_all([Kind{n}() for _ in range({n})])\n" for n in range(0, COUNT, 7)
    )
    + "    db.session.commit()\n"
)
VIEWS = (
    HEAD
    + "from PKG.models import Note, "
    + ", ".join(f"Kind{n}" for n in range(COUNT))
    + """
from sqlalchemy.orm import joinedload, selectinload

@bp.get("/kinds")
def kinds():
    return jsonify([
"""
    + "".join(
        f"        [Kind{n}.query.has_rows(), Kind{n}.query.filter(Kind{n}.id > 7).has_rows(),"
        f" Kind{n}.query.numbers()],\n"
        for n in range(COUNT)
    )
    + """    ])

@bp.get("/others")
def others():
    loaded = Customer.query.options(selectinload(Customer.orders))
    return jsonify(
        Customer.query.has_rows(),
        loaded.filter(Customer.name == "ann").has_rows(),
        loaded.filter(Customer.name == "zoe").has_rows(),
        Order.query.options(joinedload(Order.customer)).filter(Order.amount > 3).has_rows(),
        Order.query.join(Order.customer).filter(Customer.name == "bob").has_rows(),
        Order.query.join(Order.customer).filter(Customer.name == "ann").order_by(Order.id).has_rows(),
        Customer.query.order_by(Customer.id).numbers(),
        Order.query.some().numbers(),
        [kind.numbers() for kind in (Kind7.query.some(), Kind14.query.some(20), Kind1.query.some())],
        db.session.query(Customer.query.enable_eagerloads(False).filter_by(id=1).exists()).scalar(),
        db.session.query(loaded.enable_eagerloads(False).exists()).scalar(),
    )

@bp.get("/dynamic")
def dynamic():
    found = Customer.query.order_by(Customer.id).all()
    said = [c.name for c in found if c.notes.has_rows()]
    return jsonify(said, [c.notes.filter(Note.id > 1).has_rows() for c in found], [
        db.session.query(c.notes.enable_eagerloads(False).exists()).scalar() for c in found
    ], [c.notes.some().numbers() for c in found], [n.id for n in found[0].notes.some(0).all()])

@bp.get("/in-the-bridge")
def in_the_bridge():
    found = Customer.query.order_by(Customer.id).enable_assertions(True).all()
    return jsonify([c.name for c in found if c.notes.has_rows()], [c.notes.numbers() for c in found])

@bp.get("/new")
def new():
    made = Customer(name="new")
    made.notes.append(Note())
    return jsonify([n.id for n in made.notes], len(made.notes.all()))
"""
)


def test_methods_of_all_queries(alike: Alike) -> None:
    paths = ["/kinds", "/others", "/dynamic", "/in-the-bridge", "/new"]
    pair = alike(VIEWS, paths, models=MODELS + SEED)
    outcome = outcome_of(pair.conversion)
    left = {b.symbol for b in outcome.bridged}
    assert left <= {"in_the_bridge", "new"}, outcome.bridged
    totals = outcome.totals
    assert totals.native >= totals.seen - 6
    assert not totals.left
