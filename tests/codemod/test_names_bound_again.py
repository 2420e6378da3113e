"""A name that is bound to something else further down: what it means then is what is called, and asked."""

from __future__ import annotations

from tests.codemod.alike import Alike

HEAD = """
from functools import lru_cache, partial, wraps
from flask import Blueprint, abort, jsonify, request
from PKG.models import Customer, Order, db

bp = Blueprint("views", __name__)

def doubled(f):
    @wraps(f)
    def inner(*args):
        return f(*args) * 2
    return inner

def times(number):
    def decorate(f):
        def inner(*args):
            return f(*args) * number * Customer.query.count()
        return inner
    return decorate

def allowed(f):
    @wraps(f)
    def inner(*args, **kwargs):
        if Customer.query.count() > 5:
            abort(403)
        return f(*args, **kwargs)
    return inner
"""
VIEWS = (
    HEAD
    + """
def total():
    return sum(o.amount for o in Order.query.all())

total = doubled(total)

def size():
    return Order.query.count()

size = times(3)(size)

def cached():
    return Order.query.count()

cached = lru_cache(cached)

def part(number):
    return [o.amount for o in Order.query.filter_by(number=number)]

part = partial(part, "N1")

def later():
    return Order.query.count()

later = lambda: 8

def gone():
    return Order.query.count()

gone = 5

def either():
    return Order.query.count()

if bp.name == "views":
    either = lambda: 7

def sometimes():
    return Order.query.count()

if bp.name == "views":
    sometimes = doubled(sometimes)

def kept():
    return Order.query.count()

if bp.name != "views":
    kept = None

def other():
    return Order.query.filter(Order.amount > 20).count()

def same():
    return Order.query.count()

same = other

class Tools:
    def count(self):
        return Order.query.count()
    count = lru_cache(count)

    def total(self):
        return Order.query.count()
    total = doubled(total)

    def size(self):
        return Order.query.count()
    size = property(size)

tools = Tools()

def plain():
    return jsonify(Order.query.count())

def index():
    return jsonify([o.customer.name for o in Order.query.all()])

index = allowed(index)
bp.add_url_rule("/index", view_func=index)

def routed():
    return jsonify([o.customer.name for o in Order.query.all()])

routed = bp.route("/routed")(routed)

@bp.get("/decorated")
def decorated():
    return jsonify(total(), total(), size(), cached(), cached(), part())

@bp.get("/replaced")
def replaced():
    return jsonify(later(), gone, either(), sometimes(), kept(), same())

@bp.get("/tools")
def of_tools():
    return jsonify(tools.count(), tools.count(), tools.total(), tools.size)
"""
)


def test_what_a_name_means_last_is_called(alike: Alike) -> None:
    pair = alike(VIEWS, ["/index", "/routed", "/decorated", "/replaced", "/tools"])
    views = pair.conversion.texts["views.py"]
    assert "later()" in views
    assert "await later()" not in views


SERVICES = """
from PKG.models import Customer, Order, db

def total():
    return sum(o.amount for o in Order.query.all())

def size():
    return Order.query.count()

def names():
    return [c.name for c in Customer.query.order_by(Customer.id)]

session = db.session
Found = Customer
"""
IMPORTS = (
    HEAD
    + """
from sqlalchemy import func, select
from flask import jsonify as answer
from PKG.services import Found, names, session, size, total

def listed(*values):
    return jsonify(list(values))

total = doubled(total)
size = lru_cache(size)
names = lambda: ["me"]
session = db.session
# What the codemod writes needs SQLAlchemy's own.
select = partial(select, Order)
answer = listed
Found = Order
count = func.count
count = Order.id

@bp.get("/called")
def called():
    return answer(total(), size(), size(), names())

@bp.get("/asked")
def asked():
    rows = db.session.execute(select()).all()
    return answer(session.query(Order).count(), len(rows), Found.query.first().amount)

@bp.get("/counted")
def counted():
    return answer([row.id for row in db.session.query(count).all()])
"""
)


def test_so_does_a_name_that_was_imported(alike: Alike) -> None:
    alike(IMPORTS, ["/called", "/asked", "/counted"], services=SERVICES)


PATCHED = """
from PKG.models import Order, db

def size():
    return Order.query.count()

def two():
    return Order.query.count()

def three():
    return Order.query.count()

def four():
    return 5

def five():
    return Order.query.count()

def asked():
    return Order.query.filter(Order.amount > 10)

def total():
    return sum(o.amount for o in Order.query.all())

def kept():
    return Order.query.count()
"""
PATCHING = (
    HEAD
    + """
from PKG import services
import PKG.services as others
from PKG.services import size

services.size = lambda: 9

def mine():
    return 10

services.two = mine

def start():
    from PKG import services as work
    work.three = lambda: 11

start()
services.asked = lambda: [1, 2]
services.four = lambda: Order.query.count()
services.total = doubled(services.total)
setattr(others, "five", lambda: 12)

@bp.get("/plain")
def plain():
    return jsonify(services.size(), size(), services.two(), services.three(), services.five())

@bp.get("/asking")
def asking():
    return jsonify([x for x in services.asked()], services.four(), services.total(), services.kept())
"""
)


def test_so_does_a_name_that_others_bind(alike: Alike) -> None:
    pair = alike(PATCHING, ["/plain", "/asking"], services=PATCHED)
    assert "await services.kept()" in pair.conversion.texts["views.py"]
