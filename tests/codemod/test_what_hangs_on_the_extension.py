"""`db.reader = db.session` and its like: what code gives the extension is followed, or is known to nobody."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

EXTENSIONS = """
from PKG.models import db
from sqlalchemy.orm import scoped_session, sessionmaker

db.reader = db.session
db.clock = "later"

def connect(own):
    db.writer = registry() if own else db.session

def registry():
    return scoped_session(sessionmaker(bind=db.engine))
"""

VIEWS = """
from flask import Blueprint, jsonify
from sqlalchemy import text
from PKG import extensions
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
reader = db.reader

def setup(app):
    extensions.connect(own=False)

def named():
    return [name for name, in reader.execute(text("SELECT name FROM customer ORDER BY id"))]

def amounts():
    return [o.amount for o in db.reader.query(Order).order_by(Order.id)]

@bp.route("/read")
def read():
    first = Order.query.order_by(Order.id).first()
    return jsonify(named(), amounts(), first.number, db.clock)

@bp.route("/write", methods=["POST"])
def write():
    customer = Customer.query.filter_by(name="ann").one()
    db.writer.execute(text("UPDATE customer SET name = 'eve' WHERE id = :id"), {"id": customer.id})
    db.writer.commit()
    return jsonify(Customer.query.filter_by(name="eve").count())
"""


def test_a_session_that_hangs_on_the_extension_is_awaited(alike: Alike) -> None:
    paths = ["/read", ("POST", "/write"), "/read"]
    sides = alike(VIEWS, paths, **{"extensions.py": EXTENSIONS})
    text = sides.conversion.texts["views.py"]
    assert "await reader.execute(" in text
    assert "await db.session.scalars(select(Order)" in text
    totals = outcome_of(sides.conversion).totals
    assert (totals.seen, totals.left) == (totals.native + totals.bridged, 0)


UNKNOWN = """
from flask import Blueprint, current_app, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

class Box:
    session = db.session

def setup(app):
    for name in ("box", "case"):
        app.extensions[name] = Box
    app.extensions["mapped"] = {"customer": Customer, "order": Order}

def keys(box):
    return [key for key, in box.session.query(Order.id).order_by(Order.id)]

def pairs(box, column):
    return [list(row) for row in box.session.query(Order.id, column).all()]

@bp.route("/columns")
def columns():
    box = current_app.extensions["box"]
    first = Order.query.order_by(Order.id).first()
    return jsonify(keys(box), pairs(box, Order.number), first.number)

def named(model, name):
    return model.query.filter_by(name=name).first()

def ordered(model):
    rows = model.query.filter(model.id > 1).order_by(model.id)
    return [row.id for row in rows]

@bp.route("/models/<name>")
def models(name):
    model = current_app.extensions["mapped"][name]
    first = Order.query.order_by(Order.id).first()
    return jsonify(model.query.get(1).id, ordered(model), named(Customer, "ann").id, first.number)

class Address:
    def __init__(self, text):
        self.query = dict(part.split("=") for part in text.split("&"))

@bp.route("/addresses")
def addresses():
    address = current_app.extensions.get("address") or Address("a=1&b=2")
    found = address.query.get("a"), address.query.get("c", "3")
    return jsonify(found, Order.query.count())
"""


def test_queries_on_what_nobody_knows_are_counted(alike: Alike) -> None:
    sides = alike(UNKNOWN, ["/columns", "/models/customer", "/models/order", "/addresses"])
    outcome = outcome_of(sides.conversion)
    bridged = {(b.symbol, b.code) for b in outcome.bridged}
    assert {("keys", "MIG517"), ("pairs", "MIG517"), ("models", "MIG522")} <= bridged
    assert not any(symbol == "addresses" for symbol, _ in bridged)
    totals = outcome.totals
    # `ordered` and `named` have one each, whatever stands in their chains.
    assert totals.bridged == len(outcome.bridged)
    assert [b.symbol for b in outcome.bridged].count("ordered") == 1


HELD = """
from flask import Blueprint, current_app, jsonify
from sqlalchemy import text
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
sessions = {}

def setup(app):
    sessions["shop"] = db.session
    app.extensions["sessions"] = sessions

def held(name):
    return current_app.extensions["sessions"][name]

@bp.route("/named", methods=["POST"])
def named():
    before = Customer.query.filter_by(name="ann").count()
    sessions["shop"].execute(text("UPDATE customer SET name = 'eve' WHERE name = 'ann'"))
    sessions["shop"].commit()
    return jsonify(before, Customer.query.filter_by(name="ann").count())

@bp.route("/called", methods=["POST"])
def called():
    before = Customer.query.filter_by(name="bob").count()
    held("shop").execute(text("UPDATE customer SET name = 'pip' WHERE name = 'bob'"))
    db.session.commit()
    return jsonify(before, Customer.query.filter_by(name="bob").count())
"""


def test_statements_of_sessions_that_something_holds_are_awaited(alike: Alike) -> None:
    sides = alike(HELD, [("POST", "/named"), ("POST", "/called"), ("POST", "/named")])
    text = sides.conversion.texts["views.py"]
    assert 'await call(held("shop").execute, text(' in text
