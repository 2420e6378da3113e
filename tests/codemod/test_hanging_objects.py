"""Mapped objects that hang on `g`: after a commit they are loaded again before native code reads them."""

from __future__ import annotations

import pytest

from tests.codemod.alike import LOGIN, Alike, models_with

VIEWS = """
from flask import Blueprint, g, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def greeting():
    return f"{g.customer.name} has {Order.query.count()}"

def outer():
    return "<" + greeting() + ">"

def plain():
    return g.customer.name

def of(order):
    return order.number, order.amount, Order.query.count()

@bp.post("/native/<int:key>")
def native(key):
    g.customer = Customer.query.get_or_404(key)
    g.customer.name = g.customer.name + "!"
    before = greeting()
    db.session.commit()
    return jsonify(before, greeting(), outer())

@bp.post("/plain/<int:key>")
def plainly(key):
    g.customer = Customer.query.get_or_404(key)
    g.customer.name = g.customer.name + "?"
    db.session.commit()
    return jsonify(plain())

@bp.post("/several/<int:key>")
def several(key):
    g.customer = Customer.query.get_or_404(key)
    g.orders = Order.query.filter_by(customer_id=key).order_by(Order.id).all()
    for order in g.orders:
        order.amount += 1
        db.session.commit()
    return jsonify(outer(), [of(order) for order in g.orders])

@bp.post("/undone/<int:key>")
def undone(key):
    g.customer = Customer.query.get_or_404(key)
    g.customer.name = "gone"
    db.session.rollback()
    return jsonify(outer())
"""


def test_what_hangs_on_g(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    paths = [("POST", f"/{name}/1") for name in ("native", "plain", "several", "undone")]
    sides = alike(VIEWS, paths)
    assert "await reload_first(g, outer())" in sides.conversion.texts["views.py"]
    assert "Implicit I/O" not in caplog.text


ON_THE_REQUEST = """
from flask import Blueprint, jsonify, request
from flask_login import LoginManager, current_user, login_required, login_user
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
# login

@bp.before_request
def find():
    request.customer = Customer.query.order_by(Customer.id).first()

def name():
    return f"{request.customer.name} of {Order.query.count()}"

def mine():
    return [current_user.name, Order.query.count()]

@bp.get("/in")
def enter():
    login_user(Customer.query.order_by(Customer.id.desc()).first())
    return "in"

@bp.post("/request")
def on_request():
    request.customer.name += "!"
    db.session.commit()
    return jsonify(name())

@bp.post("/user")
@login_required
def user():
    current_user.name += "?"
    db.session.commit()
    return jsonify(mine(), name())
"""


def test_what_hangs_on_the_request_and_the_user(
    alike: Alike, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [("POST", "/request"), "/in", ("POST", "/user"), ("POST", "/request")]
    models = models_with("", "UserMixin, ", "from flask_login import UserMixin\n")
    sides = alike(ON_THE_REQUEST.replace("# login", LOGIN), paths, models=models)
    assert "await reload_first((g, request), mine())" in sides.conversion.texts["views.py"]
    assert "Implicit I/O" not in caplog.text
