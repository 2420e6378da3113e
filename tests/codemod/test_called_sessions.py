"""A scoped session that is called gives the session: as `db.session()`, or by its registry."""

from __future__ import annotations

from tests.codemod.alike import Alike

VIEWS = """
from functools import wraps
from flask import Blueprint, jsonify
from PKG.models import Customer, Order, db

bp = Blueprint("shop", __name__)

def committing(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        if not db.session.registry().in_nested_transaction():
            db.session.registry().commit()
        return result
    return wrapper

@committing
def rename(key, name):
    db.session().get(Customer, key).name = name

@bp.post("/rename/<int:key>")
def renamed(key):
    rename(key, "renamed")
    db.session.rollback()
    return jsonify(db.session().query(Customer).filter_by(name="renamed").count())

@bp.post("/add")
def add():
    session = db.session()
    session.add(Customer(name="added"))
    session.commit()
    db.session().add(Customer(name="lost"))
    db.session().rollback()
    names = db.session.registry().query(Customer.name).order_by(Customer.id).all()
    return jsonify([name for name, in names])
"""


def test_the_session_by_another_name(alike: Alike) -> None:
    sides = alike(VIEWS, [("POST", "/rename/1"), ("POST", "/add"), ("POST", "/rename/2")])
    text = sides.conversion.texts["views.py"]
    assert "await session.commit()" in text
    assert "await db.session().rollback()" in text
    assert "await db.session.registry().commit()" in text
