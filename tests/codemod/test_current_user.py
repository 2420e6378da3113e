"""Flask-Login's `current_user`: a mapped object, or what the application has for nobody."""

from __future__ import annotations

import pytest

from tests.codemod.alike import LOGIN, Alike, models_with
from tests.codemod.parity import all_native

ANONYMOUS = """
from functools import wraps
from flask import Blueprint, abort, jsonify
from flask_login import AnonymousUserMixin, LoginManager, current_user, login_user, logout_user
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
# login

class Guest(AnonymousUserMixin):
    name = "guest"

    def can(self, what):
        return what == "look"

    @property
    def label(self):
        return "nobody"

login.anonymous_user = Guest

def required(what):
    def decorator(f):
        @wraps(f)
        def wrapper(*args, **kwargs):
            if not current_user.can(what):
                return jsonify("may not")
            return f(*args, **kwargs)
        return wrapper
    return decorator

def checked(customer):
    return [o.number for o in customer.checked.order_by(Order.id.desc())]

def greeted(user):
    return [user.name, user.label, user.can("look")]

@bp.get("/in")
def enter():
    login_user(Customer.query.order_by(Customer.id).first())
    return "in"

@bp.get("/out")
def leave():
    logout_user()
    return "out"

@bp.get("/look")
@required("look")
def look():
    return jsonify(greeted(current_user))

@bp.get("/buy")
@required("buy")
def buy():
    total = current_user.total() if current_user.is_authenticated else 0
    query = current_user.mine() if current_user.is_authenticated else Order.query
    return jsonify(total, [o.number for o in query.order_by(Order.id)])

@bp.get("/mine")
def mine():
    if current_user.is_authenticated:
        query = current_user.wanted
    else:
        query = Order.query
    page = query.order_by(Order.id).paginate(page=1, per_page=2)
    found = [checked(c) for c in Customer.query.order_by(Customer.id)]
    return jsonify([o.number for o in page.items], page.total, found)
"""
METHODS = """
    def can(self, what):
        return Order.query.filter_by(customer_id=self.id).count() > 1

    def mine(self):
        return Order.query.filter_by(customer_id=self.id)

    @property
    def wanted(self):
        return Order.query.filter(Order.customer_id == self.id)

    @property
    def checked(self):
        found = Order.query.filter_by(customer_id=self.id)
        assert isinstance(found, Query)
        return found

    @property
    def label(self):
        return f"{self.name} of {Order.query.count()}"
"""
IMPORTS = "from flask_login import UserMixin\nfrom sqlalchemy.orm import Query\n"
MODELS = models_with(METHODS, "UserMixin, ", IMPORTS)


def test_the_user_of_nobody_logged_in(alike: Alike) -> None:
    paths = ["/look", "/buy", "/mine"]
    sides = alike(
        ANONYMOUS.replace("# login", LOGIN), [*paths, "/in", *paths, "/out", *paths], models=MODELS
    )
    assert "await call((await get_current_user()).can, what)" in sides.conversion.texts["views.py"]
    assert "query = select(Order)" in sides.conversion.texts["views.py"]


HOOK = """
from flask import Blueprint, g, jsonify, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
# login

@bp.before_app_request
def seen():
    g.first = Customer.query.order_by(Customer.id).first()
    if current_user.is_authenticated:
        current_user.name = current_user.name.rstrip("!") + "!"
        db.session.commit()

@bp.get("/in/<int:key>")
def enter(key):
    login_user(db.session.get(Customer, key))
    return "in"

@bp.get("/me")
@login_required
def me():
    return jsonify(current_user.name, g.first.name)

@bp.get("/same/<int:key>")
@login_required
def same(key):
    other = db.session.get(Customer, key)
    if other == current_user:
        return jsonify("self")
    return jsonify(current_user != other, current_user in [other], g.first == current_user)
"""


def test_a_hook_that_commits(alike: Alike, caplog: pytest.LogCaptureFixture) -> None:
    paths = ["/in/1", "/me", "/same/1", "/same/2", "/in/2", "/me", "/same/2", "/same/1"]
    alike(HOOK.replace("# login", LOGIN), paths, models=MODELS)
    assert "Implicit I/O" not in caplog.text


CHANGED = """
from flask import Blueprint, g, jsonify, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)
# login

@bp.get("/in")
def enter():
    login_user(Customer.query.order_by(Customer.id).first())
    return "in"

@bp.get("/set")
@login_required
def sets():
    current_user.name = "eve"
    current_user.order("N8")
    db.session.commit()
    return jsonify(current_user.name, [o.number for o in current_user.mine()])

@bp.get("/queries")
@login_required
def queries():
    wanted = current_user.mine()
    numbers = [o.number for o in wanted], [o.number for o in current_user.mine().all()]
    return jsonify(numbers, current_user.mine().first().number, len(list(current_user.mine())))

@bp.get("/refreshed")
@login_required
def refreshed():
    db.session.refresh(current_user)
    current_user.order("N9")
    db.session.commit()
    return jsonify(current_user.name, current_user.mine().count())

@bp.get("/around")
def around():
    customer = Customer.query.order_by(Customer.id).first()
    def rename(name):
        customer.name = name
        db.session.flush()
        db.session.refresh(customer)
        customer.order(name)
        return customer.mine().count()
    return jsonify(rename("zoe"), customer.name, customer.mine().count())
"""
ORDERS = """
    def mine(self):
        return Order.query.filter_by(customer_id=self.id).order_by(Order.id)

    def order(self, number):
        db.session.add(Order(number=number, customer_id=self.id, amount=Order.query.count()))
"""


def test_a_user_that_code_has_changed_or_refreshed(alike: Alike) -> None:
    models = models_with(ORDERS, "UserMixin, ", IMPORTS)
    paths = ["/in", "/set", "/queries", "/refreshed", "/around", "/set"]
    sides = alike(CHANGED.replace("# login", LOGIN), paths, models=models)
    all_native(sides)
    assert sides.conversion.texts["views.py"].count("await (await get_current_user()).order(") == 2
