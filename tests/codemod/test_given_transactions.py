"""`sessionmaker.begin()` that a function gives: whoever enters it gets the sync session that it is."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
from sqlalchemy.orm import sessionmaker

def maker():
    return sessionmaker(bind=db.engine)

def opened():
    return maker().begin()

class Store:
    def begin(self):
        return maker().begin()

store = Store()

@bp.get("/unused")
def unused():
    with opened() as session:
        query = Customer.query.order_by(Customer.id)
    return jsonify([c.total() for c in query])

@bp.get("/method")
def of_a_method():
    with store.begin() as session:
        session.add(Customer(name="new"))
        found = [c.total() for c in session.query(Customer).order_by(Customer.id)]
    return jsonify(found, Customer.query.count())

@bp.get("/here")
def here():
    with maker().begin() as session:
        return jsonify([c.name for c in session.query(Customer).order_by(Customer.id)])
"""
)


def test_it_is_entered_as_what_it_is(alike: Alike) -> None:
    sides = alike(VIEWS, ["/unused", "/method", "/here"])
    assert "async with maker().begin()" in sides.conversion.texts["views.py"]
