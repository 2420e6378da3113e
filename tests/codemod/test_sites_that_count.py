"""Queries on receivers that are seldom met: none of them is missing in the sum."""

from __future__ import annotations

import textwrap

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import FILES, HEAD, Alike

#: Each class has a copy of itself, which is found by its mapper.
COPIED = """
from sqlalchemy.orm import class_mapper, object_mapper

class Copied:
    @classmethod
    def copies(cls):
        return cls.__copies__.class_

    @classmethod
    def by_mapper(cls):
        return class_mapper(cls).class_

    @classmethod
    def targets(cls):
        return cls.customer.property.mapper.class_
"""
COPIES = """
class OrderCopy(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(20))

Order.__copies__ = OrderCopy.__mapper__
"""
ASKING = """
from sqlalchemy.orm import object_mapper

@bp.get("/copies")
def copies():
    found = Order.copies().query.filter_by(number="N1").all()
    return jsonify([c.number for c in found], Order.copies().query.count())

@bp.get("/by-mapper")
def by_mapper():
    order = Order.by_mapper().query.order_by(Order.id).first()
    same = object_mapper(order).class_.query.get(order.id)
    return jsonify(order.number, same.number, Order.targets().query.count())
"""


def test_of_a_class_that_a_mapper_has(alike: Alike) -> None:
    models = textwrap.dedent(FILES["models.py"])
    models = models.replace("class Order(db.Model)", f"{COPIED}\nclass Order(Copied, db.Model)")
    models = models.replace("\ndef seed():\n", f"{COPIES}\ndef seed():\n")
    models = models.replace(
        "    db.session.commit()\n",
        '    db.session.add(OrderCopy(number="N1"))\n    db.session.commit()\n',
    )
    sides = alike(HEAD + ASKING, ["/copies", "/by-mapper"], models=models)
    totals = outcome_of(sides.conversion).totals
    # One is of Customer.last.
    assert totals.seen == 6
    assert not totals.left


#: Every query of the session is of a class that is listened to.
LISTENED = """
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
from sqlalchemy import event

class Heard(Query):
    pass

db = SQLAlchemy(query_class=Heard)

@event.listens_for(Heard, "before_compile", retval=True)
def heard(query):
    if query.column_descriptions[0]["entity"] is Order:
        query = query.enable_assertions(False).filter(Order.amount > 10)
    return query
"""
HANDED = """
kept = dict(first=lambda query: query.order_by(Order.id.desc()).first())

@bp.get("/handed")
def handed():
    return jsonify(kept["first"](db.session.query(Order)).number)
"""


def test_of_a_query_that_is_handed_over_and_heard(alike: Alike) -> None:
    models = textwrap.dedent(FILES["models.py"]).partition("db = SQLAlchemy()")[2]
    sides = alike(HEAD + HANDED, ["/handed"], models=LISTENED + models)
    # One is of Customer.last.
    assert outcome_of(sides.conversion).totals.seen == 2


DECORATED = """
def allowed(found):
    def decorator(view):
        @wraps(view)
        def asked(*args, **kwargs):
            return view(*args, **kwargs) if found(kwargs) else abort(403)
        return asked
    return decorator

class Views:
    @staticmethod
    @allowed(lambda given: {"all": Order.query.count(), "one": Order.query.get(given["number"])}["one"])
    def shown(number):
        return str(number)

@bp.get("/shown")
def shown():
    return Views.shown(number=1)
"""


def test_of_a_decorator_count_once(alike: Alike) -> None:
    sides = alike(HEAD + DECORATED, ["/shown"])
    # One is of Customer.last.
    assert outcome_of(sides.conversion).totals.seen == 3
