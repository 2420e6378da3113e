"""A decorator whose inner function stays sync awaits the coroutine functions among what it wraps: executed, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

#: It wraps a generator too, so its inner function stays what it is.
LOGIC = """
import functools
from sqlalchemy.exc import SQLAlchemyError
from PKG.models import Customer, Order, db

SEEN = []

def with_session(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        session = kwargs.setdefault("session", db.session)
        try:
            return fn(*args, **kwargs)
        except SQLAlchemyError:
            SEEN.append("failed")
            session.rollback()
            raise
        finally:
            SEEN.append("done")
    return inner

def counted(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        found = fn(*args, **kwargs)
        SEEN.append(len(found))
        return found
    return inner

@with_session
def order(key, session=None):
    SEEN.append("asked")
    return session.get(Order, key)

@with_session
def add(key, session=None):
    session.add(Order(id=key, number="again"))
    session.commit()

@with_session
def each(session=None):
    for one in session.query(Order).order_by(Order.id):
        yield one

@with_session
def by_hand(session=None):
    first = order(1, session=session)
    it = each(session=session)
    next(it)
    return [first.number, [order(one.id, session=session).number for one in it]]

@counted
@with_session
def orders(session=None):
    return session.query(Order).all()

@with_session
@counted
def customers(session=None):
    return session.query(Customer).all()
"""
VIEWS = """
from sqlalchemy.exc import SQLAlchemyError
from PKG.logic import SEEN, add, by_hand, customers, each, order, orders

@bp.get("/one")
def one():
    SEEN.clear()
    return jsonify(order(1).number, [o.id for o in each()], SEEN)

@bp.get("/fails")
def fails():
    SEEN.clear()
    try:
        add(1)
    except SQLAlchemyError:
        SEEN.append("caught")
    return jsonify(Order.query.count(), SEEN)

@bp.get("/hand")
def hand():
    return jsonify(by_hand())

@bp.get("/two")
def two():
    SEEN.clear()
    return jsonify(len(orders()), len(customers()), SEEN)
"""


def test_what_they_wrap_is_done_inside_of_them(alike: Alike) -> None:
    asked = alike(HEAD + VIEWS, ["/one", "/fails", "/hand", "/two"], **{"logic.py": LOGIC})
    assert "return call_sync(fn, *args, **kwargs)" in asked.conversion.texts["logic.py"]
