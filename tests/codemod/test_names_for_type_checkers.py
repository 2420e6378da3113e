"""`if TYPE_CHECKING: Base = object`, `else: Base = declarative_base()`: what is run says what a name is."""

from __future__ import annotations

import pytest

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import Alike

MODELS = """
from typing import TYPE_CHECKING
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

{base}

class Order(Base):
    __tablename__ = "orders"
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))
    lines = db.relationship("Line", back_populates="order", order_by="Line.id")

class Line(Base):
    __tablename__ = "lines"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    order_id = db.Column(db.ForeignKey("orders.id"))
    order = db.relationship("Order", back_populates="lines")

def seed():
    for n in range(1, 4):
        db.session.add(Order(id=n, number=f"N{n}", lines=[Line(name=f"line {n}")]))
    db.session.commit()
"""
BASES = [
    "if TYPE_CHECKING:\n    Base = object\nelse:\n    Base = db.Model",
    "import typing\nif not typing.TYPE_CHECKING:\n    Base = db.Model\nelse:\n    class Base: ...",
    "if TYPE_CHECKING:\n    from sqlalchemy.orm import DeclarativeBase as Base\nelse:\n    Base = db.Model",
]
VIEWS = """
from typing import TYPE_CHECKING, Any
from flask import Blueprint, jsonify
from PKG.models import Line, Order, db

if TYPE_CHECKING:
    from PKG.models import Order as Shown
else:
    Shown = Any

bp = Blueprint("shop", __name__)

def shown(order: "Shown"):
    return [order.number, [line.name for line in order.lines]]

@bp.route("/orders/<number>")
def orders(number):
    found = db.session.query(Order).filter_by(number=number).first()
    return jsonify(found and shown(found), db.session.query(Line).filter_by(id=2).one().order.number)
"""


@pytest.mark.parametrize("base", BASES)
def test_what_is_run_says_what_a_name_is(base: str, alike: Alike) -> None:
    sides = alike(VIEWS, ["/orders/N1", "/orders/N9"], models=MODELS.replace("{base}", base))
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen > 0


_QUERY_CLASS = """
from typing import TYPE_CHECKING
import typing as t
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query

class OrderQuery(Query):
    if TYPE_CHECKING:

        def get(self, ident):
            return super().get(ident)

        def filter(self, *criteria):
            return super().filter(*criteria)

    if not t.TYPE_CHECKING:

        def open(self):
            return self.filter(Order.number != "N2")

    else:

        def open(self): ...

db = SQLAlchemy(query_class=OrderQuery)

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))

def seed():
    db.session.add_all([Order(id=n, number=f"N{n}") for n in range(1, 4)])
    db.session.commit()
"""
_ITS_VIEWS = """
from flask import Blueprint, jsonify
from PKG.models import Order, db

bp = Blueprint("shop", __name__)

@bp.route("/orders")
def orders():
    found = Order.query.filter(Order.id > 1).order_by(Order.id).all()
    return jsonify(Order.query.get(1).number, [o.id for o in found], [o.id for o in Order.query.open()])
"""


def test_methods_for_type_checkers_are_none_of_the_class(alike: Alike) -> None:
    sides = alike(_ITS_VIEWS, ["/orders"], models=_QUERY_CLASS)
    totals = outcome_of(sides.conversion).totals
    assert totals.native == totals.seen > 0
