"""Unions of columns, with labels and without: the rows and their names are a Query's."""

from __future__ import annotations

import pytest

from tests.codemod.alike import Alike

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column("nr", db.String(20))
    amount = db.Column(db.Integer)
    state = db.Column(db.Enum("open", "done", name="state"))
    note = db.deferred(db.Column(db.String(20)))
    double = db.column_property(amount * 2)

class Line(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    order_id = db.Column(db.ForeignKey("order.id"))

def seed():
    for n in range(1, 5):
        state = "done" if n % 2 else "open"
        db.session.add(Order(id=n, number=f"N{n}", amount=50 - 10 * n, state=state, note=f"note {n}"))
        db.session.add(Line(id=n, name=f"line {n}", order_id=n))
    db.session.commit()
"""
#: What the first and the second query select.
UNIONS = [
    ("Order.id, Order.number", "Line.id, Line.name"),
    ("Order.id, Order.amount.label('total')", "Line.id, literal(3).label('total')"),
    ("Order.id, Order.amount.label('nr'), Order.number", "Line.id, Line.order_id, Line.name"),
    ("Order.id, Order.amount", "Order.amount, Order.id"),
    ("Order.id, Order.amount", "Order.id, Order.id"),
    ("Order.id, Order.amount", "Order.amount.label('one'), Order.id.label('other')"),
    ("Order.id, Order.id.label('again')", "Line.id, Line.order_id"),
    ("Order.state, Order.id", "literal('open'), Line.id"),
    ("Order.note, Order.double", "Line.name, Line.id"),
    ("Order.id, func.count(Order.amount).label('lines')", "Line.id, literal(0)"),
    ("Order.amount", "Line.order_id"),
    ("Order.double", "func.count(Line.id)"),
    ("literal(None).label('none'), Order.number", "Line.id, Line.name"),
]
VIEW = """
@bp.route("/{number}/{method}")
def union{number}_{method}():
    second = db.session.query({second}).order_by(None)
    first = db.session.query({first})
    made = first.filter(Order.id > 1).group_by(Order.id).{method}(second)
    return jsonify(
        sorted(repr([*row, *row._fields]) for row in made),
        made.count(),
        sorted(str(row) for row in {ordered}.distinct().all()),
    )
"""
HEAD = """
from flask import Blueprint, jsonify
from sqlalchemy import desc, func, literal
from PKG.models import Line, Order, db

bp = Blueprint("shop", __name__)

@bp.route("/page/<int:page>")
def paged(page):
    lines = db.session.query(Line.id, Line.name, literal(7).label("total"))
    orders = db.session.query(Order.id, Order.number, Order.amount.label("total"))
    found = orders.union_all(lines).order_by(desc("total"), "total").paginate(page=page, per_page=3)
    return jsonify([(row.id, row.number, row.total) for row in found.items], found.total)

@bp.route("/thrice")
def thrice():
    orders = db.session.query(Order.id, Order.number)
    found = orders.union(db.session.query(Line.id, Line.name)).union(orders.filter(Order.id == 1))
    return jsonify(sorted(map(list, found)))

@bp.route("/among")
def among():
    some = db.session.query(func.max(Order.id)).union(db.session.query(Line.id).filter(Line.id < 2))
    some = some.union(db.session.query(Line.order_id).filter(Line.id == 3))
    found = db.session.query(Order.number).filter(Order.id.in_(some.subquery())).order_by(Order.id)
    return jsonify([row.number for row in found])
"""


@pytest.mark.filterwarnings("ignore:Coercing Subquery")
def test_unions_of_columns(alike: Alike) -> None:
    text, paths = HEAD, ["/page/1", "/page/2", "/thrice", "/among"]
    for number, (first, second) in enumerate(UNIONS):
        for method in ("union", "union_all", "except_"):
            labelled = first.partition("label('")[2].partition("'")[0]
            ordered = f'made.order_by(desc("{labelled}"))' if labelled else "made"
            text += VIEW.format(
                number=number, method=method, first=first, second=second, ordered=ordered
            )
            paths.append(f"/{number}/{method}")
    sides = alike(text, paths, models=MODELS)
    text = sides.conversion.texts["views.py"]
    assert text.count("columns_of(") > len(UNIONS)
    assert "async def among" in text
    assert "await db.paginate(select(*columns_of(orders.union_all(lines)))" in text
