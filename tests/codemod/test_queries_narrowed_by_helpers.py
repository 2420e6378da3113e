"""A helper puts what it makes of a query under the parameter's name: its session is the caller's. Executed, in both frames."""

from __future__ import annotations

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike

HELPERS = """
from sqlalchemy.orm import sessionmaker

@bp.before_request
def begin():
    g.one, g.two = sessionmaker(bind=db.engine)(), sessionmaker(bind=db.engine)()

@bp.teardown_request
def end(error):
    g.one.close()
    g.two.close()

def handle(query, args):
    if args.get("sort"):
        query = query.order_by(Order.id.asc())
    else:
        query = query.order_by(Order.id.desc())
    for key in args.get("without", ()):
        query = query.filter(Order.id != key)
    return query

def paged(query, args):
    query = query.offset(args.get("offset", 0))
    query = query.limit(args.get("limit", 20))
    return query

@bp.get("/orders")
def orders():
    g.one.add(Order(number="unseen", amount=1))
    g.one.flush()
    args = {"sort": 1, "without": [2]}
    query = handle(g.one.query(Order), args)
    count = query.count()
    mine = [o.number for o in paged(query, args).all()]
    others = [o.customer.name for o in paged(handle(g.two.query(Order), {}), {"limit": 2})]
    g.one.rollback()
    return jsonify(count, mine, others)
"""
SWAPPED = """
def swapped(query, other, swap):
    if swap:
        query = other
    query = query.filter(Order.id > 0)
    return query

@bp.get("/swapped")
def either():
    g.one.add(Order(number="unseen", amount=1))
    g.one.flush()
    counts = [swapped(g.one.query(Order), g.two.query(Order), swap).count() for swap in (0, 1)]
    g.one.rollback()
    return jsonify(counts)
"""


def test_its_session_is_the_callers(alike: Alike) -> None:
    totals = outcome_of(alike(HEAD + HELPERS, ["/orders"]).conversion).totals
    assert totals.seen == totals.native > 0


def test_of_two_it_may_be_either(alike: Alike) -> None:
    alike(HEAD + HELPERS + SWAPPED, ["/orders", "/swapped"])
