"""Parameters and attributes that are annotated as Flask-SQLAlchemy's extension, whoever gives them."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

#: It has no `db` of its own, and is found by its name.
STEPS = """
from __future__ import annotations
import flask_sqlalchemy
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from PKG.models import Order

def run(db: flask_sqlalchemy.SQLAlchemy) -> bool:
    if db.session.execute(db.text("SELECT count(*) FROM 'order'")).scalar() > 5:
        return False
    db.session.execute(db.text("UPDATE 'order' SET number = 'run' WHERE amount = 50"))
    db.session.add(Order(number="ran"))
    db.session.commit()
    return True

def counted(database: SQLAlchemy) -> int:
    return database.session.query(Order).filter(Order.amount > 10).count()

def numbers(database: "SQLAlchemy | None", least=0):
    if database is None:
        return []
    return database.session.scalars(select(Order.number).where(Order.amount > least)).all()

class Orders:
    database: SQLAlchemy

    def __init__(self, given: SQLAlchemy, **others) -> None:
        self.database = given
        self.kept: SQLAlchemy = given

    def first(self):
        return self.database.session.query(Order).order_by(Order.id).first()

    def owner(self, number):
        found = self.kept.session.query(Order).filter_by(number=number).one()
        return found.customer.name
"""
ASKING = """
import importlib
from PKG import steps
from PKG.steps import Orders

STEPS = ["run"]

@bp.post("/run")
def run():
    module = importlib.import_module(steps.__name__)
    done = [getattr(module, name)(db) for name in STEPS]
    return jsonify(done, [o.number for o in Order.query.order_by(Order.id)])

@bp.get("/counted")
def counted():
    return jsonify(steps.counted(db), steps.numbers(db, 10), steps.numbers(None))

@bp.get("/orders")
def orders():
    found = Orders(db)
    given = dict(given=db)
    other = Orders(**given)
    return jsonify(found.first().number, other.owner("N2"), other.first().customer.name)
"""


def test_they_are_the_applications(alike: Alike) -> None:
    paths = [("POST", "/run"), "/counted", "/orders"]
    sides = alike(HEAD + ASKING, paths, steps=STEPS)
    outcome = outcome_of(sides.conversion)
    assert not [b for b in outcome.bridged if b.code == "MIG517"]
    text = sides.conversion.texts["steps.py"]
    assert "await database.session.scalars(" in text
    assert "select(Order).filter_by(number=number)" in text
