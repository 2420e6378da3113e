"""Whatever code does to `current_user`, it stays the user: what it is asked afterwards is awaited, too."""

from __future__ import annotations

from tests.codemod.alike import LOGIN, Alike, models_with

METHODS = """
    note = db.Column(db.String(50))
    seen = db.Column(db.Integer, default=0)
    settings = db.Column(db.JSON, default=dict)
    many = db.relationship("Order", lazy="dynamic", viewonly=True, order_by="Order.id")

    def mine(self):
        return Order.query.filter_by(customer_id=self.id).order_by(Order.id)

    def has(self, number):
        return self.mine().filter_by(number=number).count() > 0

    @property
    def newest(self):
        return self.mine().all()[-1]
"""
VIEWS = """
from flask import Blueprint, jsonify, request, g, render_template_string
import flask_login
from flask_login import LoginManager, current_user, login_required, login_user, logout_user
from flask_login import current_user as me
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
# login

@bp.get("/in")
def enter():
    user = Customer.query.filter_by(name="ann").first() or Customer.query.first()
    login_user(user)
    current_user.note = "in"
    db.session.commit()
    return jsonify(current_user.name, current_user.total(), current_user.newest.number)

@bp.get("/counted")
def counted():
    user = current_user._get_current_object()
    user.note = "x"
    user.seen += 1
    current_user.seen += 1
    db.session.commit()
    return jsonify(user.total(), current_user.seen, user.newest.number, current_user.has("N1"))

@bp.get("/appended")
def appended():
    current_user.orders.append(Order(number="B", amount=1))
    db.session.add(current_user)
    db.session.commit()
    return jsonify([o.number for o in current_user.orders], current_user.has("B"), current_user.newest.number)

@bp.get("/by_names")
def by_names():
    for k, v in {"name": "eva", "note": "n"}.items():
        setattr(current_user, k, v)
    db.session.commit()
    return jsonify(current_user.name, current_user.total(), current_user.mine().count())

@bp.get("/several")
def several():
    current_user.name, current_user.note = "zed", "q"
    me.seen = 5
    flask_login.current_user.note = "w"
    db.session.flush()
    return jsonify(me.total(), flask_login.current_user.has("N1"), current_user.newest.number, me.note)

def show(current_user, extra=None):
    current_user.note = "p"
    return [current_user.name, current_user.total(), current_user.has("N3")]

@bp.get("/handed")
def handed():
    def inner():
        current_user.note = "inner"
        return current_user.total()
    f = lambda: current_user.total()
    return jsonify(show(current_user), inner(), f(), show(Customer.query.filter_by(name="bob").first()))

@bp.get("/compared")
def compared():
    others = [u.name for u in Customer.query.order_by(Customer.id) if u != current_user]
    if current_user:
        current_user.settings = {"a": 1}
    if isinstance(current_user._get_current_object(), Customer) and current_user.is_authenticated:
        others.append(current_user.total())
    db.session.commit()
    current_user.settings["b"] = 2
    return jsonify(others, current_user.settings, current_user.many.count(), [o.number for o in current_user.many])

@bp.get("/kept")
def kept():
    g.user = current_user
    g.user.note = "g"
    db.session.commit()
    return jsonify(g.user.name, g.user.total(), current_user.orders[0].number, g.user.newest.number)

@bp.get("/called_otherwise")
def called_otherwise():
    user = current_user
    user.note = "h"
    db.session.commit()
    user.seen = user.seen + 1
    db.session.commit()
    return jsonify(user.name, user.total(), user.has("N1"), [o.amount for o in user.mine()])

@bp.get("/refreshed")
def refreshed():
    db.session.refresh(current_user)
    db.session.merge(current_user._get_current_object())
    if not current_user.note:
        current_user.note = "i"
    else:
        current_user.note += "i"
    while current_user.seen < 9:
        current_user.seen += 1
        db.session.commit()
    return jsonify(current_user.note, current_user.seen, current_user.total())

@bp.get("/guarded")
def guarded():
    try:
        current_user.note = "j"
        current_user.orders[0].amount = 77
        db.session.commit()
    except Exception:
        db.session.rollback()
    return render_template_string("{{ current_user.name }} {{ current_user.total() }} {{ current_user.newest.number }}", current_user=current_user)

@bp.get("/out")
def out():
    current_user.note = "out"
    db.session.commit()
    logout_user()
    return jsonify(current_user.is_authenticated)

@bp.get("/nobody")
def nobody():
    if current_user.is_anonymous:
        return jsonify("anon")
    return jsonify(current_user.total())
"""


def test_whatever_is_done_to_the_user(alike: Alike) -> None:
    models = models_with(METHODS, "UserMixin, ", "from flask_login import UserMixin\n")
    paths = [
        "/in",
        "/counted",
        "/appended",
        "/by_names",
        "/several",
        "/handed",
        "/compared",
        "/kept",
        "/called_otherwise",
        "/refreshed",
        "/guarded",
        "/out",
        "/nobody",
    ]
    alike(VIEWS.replace("# login", LOGIN), [*paths], models=models)
