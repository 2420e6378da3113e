"""What is inserted into a module is imported by whoever imports all of it: it hides nothing there."""

from __future__ import annotations

from tests.codemod.alike import Alike

HELPERS = """
from PKG.models import Customer, Order

def call(x):
    return ["mine", x]

def names(f):
    return [c.name for c in f.orders and Customer.query.order_by(Customer.id)]

def func(x):
    return x + 1
"""
MORE = """
def bridge(x):
    return "b" + x
"""
SERVICES = """
from PKG.models import Customer, Order

TABLE = {"a": lambda: Order.query.count()}

def counted(name="a"):
    found = Order.query.get(1)
    return [TABLE[name](), getattr(found, "customer").name, Order.query.filter(Order.amount > 1).count()]

def any_of(x):
    return x
"""
MIDDLE = """
from PKG.services import *
"""
OTHER = """
from PKG.helpers import *
from PKG.middle import *

def every():
    return [call(1), counted(), func(1)]
"""
VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from PKG import other
from PKG.helpers import call, func

def select(x):
    return x * 2

from PKG.more import *
from PKG.services import *

bp = Blueprint("b", __name__)

@bp.get("/own")
def own():
    return jsonify(call(1), counted(), func(1), select(2), bridge("x"))

@bp.get("/others")
def others():
    return jsonify(other.every())
"""


def test_inserted_names_hide_none(alike: Alike) -> None:
    files = {
        "helpers": HELPERS,
        "more": MORE,
        "services": SERVICES,
        "middle": MIDDLE,
        "other": OTHER,
    }
    pair = alike(VIEWS, ["/own", "/others"], **files)
    services = pair.conversion.texts["services.py"]
    assert "await call_(TABLE[name])" in services
    # Nobody who imports all of it has another `counted`.
    assert "await counted()" in pair.conversion.texts["other.py"]


def test_what_is_the_same_thing_keeps_its_name(alike: Alike) -> None:
    views = VIEWS.replace("def select(x):\n    return x * 2", "from sqlalchemy import func, select")
    views = views.replace("import call, func", "import call").replace("func(1), select(2)", "1")
    helpers = HELPERS.replace("def func(x):\n    return x + 1", "")
    other = OTHER.replace(", func(1)", "")
    files = {
        "helpers": helpers,
        "more": MORE,
        "services": SERVICES,
        "middle": MIDDLE,
        "other": other,
    }
    pair = alike(views, ["/own", "/others"], **files)
    assert "from sqlalchemy import func, select\n" in pair.conversion.texts["services.py"]
