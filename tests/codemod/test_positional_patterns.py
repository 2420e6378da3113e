"""`case Ok(order)`: what a position of a class stands for is read as an attribute is."""

from __future__ import annotations

from tests.codemod.alike import Alike

RESULTS = """
from dataclasses import dataclass, field
from typing import NamedTuple, Any, ClassVar

@dataclass(frozen=True)
class Ok:
    value: Any
    def is_ok(self):
        return True

@dataclass(frozen=True)
class Err:
    kind: ClassVar[str] = "err"
    error: Any
    code: int = 4

@dataclass(frozen=True)
class Strict(Err):
    more: str = "m"

@dataclass(frozen=True)
class Later:
    order: Any
    number: str = field(init=False, default="later")

class Pair(NamedTuple):
    left: Any
    right: Any

class Own:
    __match_args__ = ("order", "name")
    def __init__(self, order):
        self.order = order
    @property
    def name(self):
        return self.order.customer.name
"""
VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db
from PKG.results import Err, Later, Ok, Own, Pair, Strict

bp = Blueprint("b", __name__)

def find(number):
    order = Order.query.filter_by(number=number).first()
    if order is None:
        return Err(f"no {number}")
    return Ok(order)

def described(result):
    match result:
        case Ok(order):
            return [order.number, order.customer.name]
        case Strict(error, code, more):
            return [error, code, more]
        case Err(error, code):
            return [error, code]
        case Pair(left, Order(number=n)):
            return [left.number, left.customer.name, n]
        case Own(order, name):
            return [order.amount, name]
        case _:
            return None

@bp.get("/described")
def of_results():
    return jsonify(described(find("N1")), described(find("X")), described(Strict("s", 3)))

@bp.get("/tuples")
def of_tuples():
    first = Order.query.first()
    last = Order.query.order_by(Order.id.desc()).first()
    return jsonify(described(Pair(first, last)), described(Own(last)), described(3))

@bp.get("/committed")
def after_a_commit():
    match find("N2"):
        case Ok(order):
            db.session.commit()
            return jsonify(order.customer.name, order.customer.orders[0].number)
        case Err(e):
            return jsonify(e)

@bp.get("/errors")
def errors():
    match find("N9"):
        case Ok(order):
            return jsonify(order.customer.name)
        case Err(e):
            return jsonify(e)

@bp.get("/unknown")
def unknown():
    match Later(Order.query.first()):
        case Later(order):
            return jsonify(order.customer.name)
"""


def test_positions_of_dataclasses_tuples_and_classes_that_say_them(alike: Alike) -> None:
    pair = alike(
        VIEWS, ["/described", "/tuples", "/committed", "/errors", "/unknown"], results=RESULTS
    )
    views = pair.conversion.texts["views.py"]
    assert "match (await find(" in views
    assert "(await order.awaitable_attrs.customer).name" in views
