"""`self.get(ident)` in a query class, `get()` on a query that another function has made."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

MODELS = """
from flask import abort
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
from sqlalchemy.orm import joinedload

class ActiveQuery(Query):
    def get_active(self, ident, name="state"):
        found = self.get(ident)
        if found is not None and getattr(found, name, None) == "active":
            return found
        return None

    def get_active_or_404(self, ident):
        found = self.get_active(ident)
        if found is None:
            abort(404)
        return found

    def reread(self, ident):
        return self.populate_existing().get(ident)

    def with_orders(self, ident):
        return self.options(joinedload(Customer.orders)).get(ident)

    def locked(self, ident):
        return self.with_for_update(read=True).get(ident=ident)

db = SQLAlchemy(query_class=ActiveQuery)

class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    state = db.Column(db.String(9))
    orders = db.relationship("Order", backref="customer")

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    state = db.Column(db.String(9))
    customer_id = db.Column(db.ForeignKey("customer.id"))

class Place(db.Model):
    row = db.Column(db.Integer, primary_key=True)
    seat = db.Column(db.Integer, primary_key=True)
    state = db.Column(db.String(9), default="active")

def seed():
    ann, bob = Customer(name="ann", state="active"), Customer(name="bob", state="gone")
    db.session.add_all([ann, bob, Place(row=1, seat=2)])
    for n in range(4):
        state = "active" if n else "gone"
        db.session.add(Order(number=f"N{n}", state=state, customer=ann if n % 2 else bob))
    db.session.commit()
"""

VIEWS = """
from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import aliased
from PKG.models import Customer, Order, Place, db

bp = Blueprint("shop", __name__)

@bp.route("/active/<int:key>")
def active(key):
    customer, order = Customer.query.get_active(key), Order.query.get_active(key)
    return jsonify(customer and customer.name, order and order.number)

@bp.errorhandler(404)
def missing(error):
    return jsonify("nothing")

@bp.route("/or404/<int:key>")
def or404(key):
    return jsonify(Customer.query.get_active_or_404(key).name)

@bp.route("/place")
def place():
    return jsonify(Place.query.get_active((1, 2)).seat, Place.query.get_active((1, 3)) is None)

@bp.route("/reread", methods=["POST"])
def reread():
    customer = Customer.query.get(1)
    change = text("UPDATE customer SET name = 'eve' WHERE id = 1")
    db.session.execute(change)
    known = Customer.query.get_active(1).name
    return jsonify(known, Customer.query.reread(1).name, customer.name)

@bp.route("/with_orders")
def with_orders():
    customer = Customer.query.with_orders(1)
    return jsonify([order.number for order in customer.orders], Order.query.locked(2).number)

def chosen(name):
    return Customer.query if name == "customer" else Order.query

@bp.route("/chosen/<name>")
def chosen_one(name):
    return jsonify(chosen(name).get(1).state)

@bp.route("/criteria")
def criteria():
    said = []
    for query in (Customer.query.filter(Customer.id > 0), Customer.query.order_by(Customer.id)):
        try:
            said.append(query.get_active(1).name)
        except InvalidRequestError as error:
            said.append(str(error))
    return jsonify(said)

@bp.route("/several")
def several():
    try:
        return jsonify(db.session.query(Customer, Order).get_active(1) is None)
    except InvalidRequestError as error:
        return jsonify(str(error))

@bp.route("/other")
def other():
    one = aliased(Customer)
    try:
        return jsonify(db.session.query(one).get_active(1).name)
    except Exception as error:
        return jsonify(type(error).__name__)
"""
SEVERAL = VIEWS[VIEWS.index('@bp.route("/several")') : VIEWS.index('@bp.route("/other")')]
OTHER = VIEWS[VIEWS.index('@bp.route("/other")') :]
PATHS = [
    "/active/1",
    "/active/2",
    "/active/9",
    "/or404/1",
    "/or404/2",
    "/or404/7",
    "/place",
    ("POST", "/reread"),
    "/with_orders",
    "/chosen/customer",
    "/chosen/order",
    "/criteria",
]


def test_it_is_native_and_gives_the_same(alike: Alike) -> None:
    views = VIEWS.replace(SEVERAL, "").replace(OTHER, "")
    sides = alike(views, PATHS, models=MODELS)
    assert "found = await get_of(self, ident, db.session)" in sides.conversion.texts["models.py"]
    totals = outcome_of(sides.conversion).totals
    assert (totals.bridged, totals.left) == (0, 0)


def test_several_entities_and_aliases_raise_as_before(alike: Alike) -> None:
    alike(VIEWS, [*PATHS, "/several", "/other"], models=MODELS)


IN_THE_BRIDGE = """
class States:
    def __init__(self, *names):
        self.names = names

    def __iter__(self):
        return iter([chosen(name).get(1).state for name in self.names])

    def __contains__(self, name):
        return chosen(name).get(9) is not None

@bp.route("/states")
def states():
    return jsonify(list(States("customer", "order")), "order" in States())
"""


def test_sync_code_asks_the_sync_session(alike: Alike) -> None:
    sides = alike(VIEWS + IN_THE_BRIDGE, [*PATHS, "/states"], models=MODELS)
    assert "get_of_now(chosen(name), 1, db.session)" in sides.conversion.texts["views.py"]


LISTED = """
from PKG.queries import largest

class Listed:
    def __iter__(self):
        return iter([order.amount for order in largest()])
"""
QUERIES = """
from PKG.models import Order

def largest():
    return Order.query.order_by(Order.amount.desc()).limit(2)
"""
LISTING = """
from flask import Blueprint, jsonify
from PKG.listed import Listed
from PKG.queries import largest

bp = Blueprint("shop", __name__)

@bp.route("/largest")
def both():
    return jsonify([order.amount for order in largest()], list(Listed()))
"""


def test_sync_code_that_takes_selects_imports_the_session(alike: Alike) -> None:
    sides = alike(LISTING, ["/largest"], queries=QUERIES, listed=LISTED)
    assert "from target_alike.models import db" in sides.conversion.texts["listed.py"]


STRICT = """
    def strict(self, ident):
        return self.get_or_404(ident)

    def lazily(self, ident):
        return self.enable_eagerloads(False).get(ident)

db = SQLAlchemy("""


def test_what_has_no_native_form_stays_in_the_bridge(alike: Alike) -> None:
    views = VIEWS.replace(SEVERAL, "").replace(OTHER, "")
    views += """
@bp.route("/strict/<int:key>")
def strict(key):
    order, customer = Order.query.strict(key), Customer.query.strict(key)
    return jsonify(order.number, customer.name, Order.query.lazily(key).number)
"""
    paths = [*PATHS, "/strict/1", "/strict/77"]
    sides = alike(views, paths, models=MODELS.replace("\ndb = SQLAlchemy(", STRICT))
    assert "self.get_or_404(ident)" in sides.conversion.texts["models.py"]
    codes = {b.code for b in outcome_of(sides.conversion).bridged}
    assert codes <= {"MIG308", "MIG318", "MIG512"}
