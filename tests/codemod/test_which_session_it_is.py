"""What listeners and `object_session()` are given is the session that views have, wherever it is compared."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

ASKING = """
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, object_session, sessionmaker

waiting = {}
told = []

@event.listens_for(Order, "after_insert")
def inserted(mapper, connection, order):
    waiting.setdefault(object_session(order), []).append(order.number)

def of(order):
    return object_session(order)

def own(session, order):
    if of(order) is not session:
        return "another"
    return "own" if object_session(order) == session else "unequal"

def kind(session):
    return "session" if isinstance(session, Session) else "registry"
"""


def test_the_session_of_the_extension(alike: Alike) -> None:
    views = """
@bp.route("/is")
def by_identity():
    order = Order.query.first()
    session = db.session()
    return jsonify(
        object_session(order) is session, of(order) is db.session(), own(db.session(), order),
        inspect(order).session is session, object_session(order) is not session,
        object_session(order) is db.session, object_session(Order()) is session,
        session is object_session(order.customer), [s is of(order) for s in (session, None)],
    )

@bp.route("/in")
def by_key():
    session = db.session()
    waiting[session] = ["begun"]
    db.session.add(Order(number="new"))
    db.session.flush()
    found = waiting.pop(session)
    return jsonify(found, of(Order.query.first()) in [session])

@bp.route("/kind")
def by_class():
    order = Order.query.first()
    return jsonify(kind(db.session()), kind(object_session(order)), kind(db.session), kind(None))

def listed(session):
    return [own(session, order) for order in Order.query.order_by(Order.id)]

@bp.route("/bridged")
def in_the_bridge():
    both = [Order.query if request.args else Customer.query][0]
    keys = sorted(both, key=lambda found: (own(db.session(), found), found.id))
    return jsonify(len(keys), listed(db.session()), kind(db.session()))
"""
    alike(HEAD + ASKING + views, ["/is", "/in", "/kind", "/bridged"])


def test_sessions_of_ones_own(alike: Alike) -> None:
    views = """
def two():
    maker = sessionmaker(db.engine)
    return maker(), maker()

@bp.route("/is")
def by_identity():
    maker = sessionmaker(db.engine)
    with maker() as one, maker() as other:
        order, same = one.get(Order, 1), other.get(Order, 1)
        return jsonify(
            own(one, order), own(one, same), own(other, same), of(order) is of(same), of(same) is other,
            kind(one), {one: 1, other: 2}[of(same)], [of(order) == s for s in (one, other)],
        )
"""
    alike(HEAD + ASKING + views, ["/is"])
