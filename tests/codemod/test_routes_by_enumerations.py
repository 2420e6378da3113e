"""Rules, methods and endpoints that are members of enumerations."""

from __future__ import annotations

from tests.codemod.alike import Alike
from tests.codemod.parity import all_native

NAMES = '''
from enum import Enum

class Method(str, Enum):
    """HTTP's methods."""

    READ = "get"
    WRITE = "POST"

class Paths(str, Enum):
    SHOP = "/shop"
    ORDERS = "/orders"
    ONE = "/orders/<int:key>"

class Kind(Enum):
    PREFIX = "/kinds"
'''
VIEWS = """
from http import HTTPMethod, HTTPStatus
from flask import Blueprint, jsonify
from flask.views import MethodView
from PKG.models import Customer, Order, db
from PKG.names import Kind, Method, Paths

bp = Blueprint("shop", __name__, url_prefix=Paths.SHOP)

@bp.route(Paths.ORDERS, methods=[Method.READ])
def orders():
    return jsonify([o.number for o in Order.query])

@bp.route(Paths.ONE.value, methods=[HTTPMethod.GET, HTTPMethod.DELETE.value])
def one(key):
    return jsonify(db.session.get(Order, key).number), HTTPStatus.OK

@bp.route(Kind.PREFIX.value + "/all", methods=[HTTPMethod.GET], endpoint=Kind.PREFIX.name)
def kinds():
    return jsonify(Order.query.count())

class Many(MethodView):
    def get(self):
        return jsonify(Customer.query.count())

    def post(self):
        return self.get()

methods = [HTTPMethod.GET.value, Method.WRITE.value]
bp.add_url_rule("/many", view_func=Many.as_view("many"), methods=methods)
"""


def test_routes_by_enumerations(alike: Alike) -> None:
    paths = ["/shop/orders", "/shop/orders/2", "/shop/kinds/all", "/shop/many"]
    sides = alike(
        VIEWS, [*paths, ("DELETE", "/shop/orders/2"), ("POST", "/shop/many")], names=NAMES
    )
    all_native(sides)
